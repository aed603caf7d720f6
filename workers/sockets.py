"""Where the sockets of a local start lie: a folder that only its owner enters, on a short enough path."""

import tempfile
from pathlib import Path

# A Unix socket's address holds 104 bytes on macOS and 108 on Linux, its final NUL included; servers that
# bind aside and rename need a few bytes more than the name that they end with.
LONGEST_PATH = 100


class NoSocketFolder(RuntimeError):
    """No folder is short enough for a Unix socket; the message says what to change."""


def socket_folder(run_folder: Path, *names: str) -> Path:
    """`run_folder` (made, 0700), or a new private temporary folder where a socket in it would be too long.

    The caller removes a temporary folder when its servers have ended. Raises NoSocketFolder.
    """
    run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    run_folder.chmod(0o700)
    if _fits(run_folder, names):
        return run_folder
    for parent in dict.fromkeys((Path(tempfile.gettempdir()), Path("/tmp"))):  # nosec B108 # noqa: S108 - mkdtemp: 0700, own name
        if parent.is_dir() and _fits(parent / "caseloop-12345678", names):
            return Path(tempfile.mkdtemp(prefix="caseloop-", dir=parent))
    raise NoSocketFolder(f"{run_folder} is too long for a Unix socket: set CASELOOP_HOME to a shorter path")


def _fits(folder: Path, names: tuple[str, ...]) -> bool:
    return all(len(str(folder / name).encode()) <= LONGEST_PATH for name in names)
