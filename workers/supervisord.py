"""supervisord, but that the site's socket is there for as long as it is.

The original closes the socket after the last web process and makes it anew for the next one. While the workers of a
killed gunicorn hold the old one, for a second or so, that fails, and the error ends supervisord with all it keeps.
Kept, whoever comes in between waits for an answer instead of being refused.
"""

from supervisor import process, supervisord
from supervisor.socket_manager import SocketManager


class LastingSocket(SocketManager):
    """Made before the first process of its group starts, and closed by the end of supervisord."""

    def _close(self) -> None:
        """Leave it to the next process."""


if __name__ == "__main__":
    process.SocketManager = LastingSocket
    supervisord.main()
