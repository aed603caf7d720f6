"""Files that have to be whole, and where their names say that they are."""

import hashlib
import os
from pathlib import Path, PurePosixPath


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have a file, or the entries of a folder, on the disk before what follows. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_plain_name(name: str) -> bool:
    """Whether a name with "/" between its parts stays below the folder that it is joined to, on any system."""
    path = PurePosixPath(name)
    plain = path.parts and path.as_posix() == name  # not empty, and without "." and "//"
    return bool(plain) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and name.isprintable()
