"""One start at a time in a CASELOOP_HOME: two would share a database file, a socket and a broker's files."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from config.steps import StepFailed


@contextmanager
def locked(home: Path) -> Iterator[TextIO]:
    """Close `home` to others and hold `home/lock`, yielding the open file.

    The lock lasts until every process that has it open ended. Raises StepFailed where another
    start holds it, or the folder is another user's.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        home.chmod(0o700)  # reports, passwords and keys: for nobody else on this machine
    except PermissionError:
        raise StepFailed(f"{home} belongs to another user. Use a folder of your own: CASELOOP_HOME=/a/folder") from None
    with (home / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise StepFailed(
                f"{home} is in use by a start that is still running (process {holder})."
                " Stop that one first, or use another folder: CASELOOP_HOME=/another/folder"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file
