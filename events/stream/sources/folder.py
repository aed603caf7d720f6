"""A watched folder: files are read on from where they were, line by line, also while they are written."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from events.stream.event import Line
from events.stream.lines import lines_of
from events.stream.sources.source import Poll, SourceUnavailable

HEAD = 256  # bytes at the beginning that tell a file from another one of its name
PASSED_OVER = (".tmp", ".part", ".swp", ".gz", ".zip", ".xz", ".bz2")


@dataclass(frozen=True)
class FilePosition:
    """How far a file was read. `head` is the digest of its beginning, `generation` counts new beginnings."""

    name: str
    generation: int = 1
    head: str = ""
    position: int = 0
    header: str = ""


class Folder:
    """Files of one folder, in order of their names; hidden, compressed and half-written ones are passed over."""

    def __init__(self, folder: Path, known: Mapping[str, FilePosition]) -> None:
        """Raises SourceUnavailable."""
        self._folder, self._known = folder, dict(known)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SourceUnavailable(f"The folder {folder} cannot be used: {error.strerror}.") from error

    def poll(self, most: int) -> Poll | None:
        """Lines of one file that are complete; `offsets` is where that leaves it."""
        try:
            for path in sorted(self._folder.iterdir()):
                if self._is_read(path) and (poll := self._read(path, most)):
                    return poll
        except OSError as error:
            raise SourceUnavailable(f"The folder {self._folder} cannot be read: {error.strerror}.") from error
        return None

    def ack(self, poll: Poll) -> None:
        self._known[poll.offsets.name] = poll.offsets

    def close(self) -> None:
        """Nothing is kept open."""

    def _is_read(self, path: Path) -> bool:
        return path.is_file() and not path.is_symlink() and path.name[0] != "." and path.suffix not in PASSED_OVER

    def _read(self, path: Path, most: int) -> Poll | None:
        with path.open("rb") as stream:
            beginning = stream.read(HEAD)
            at = self._position(path, beginning)
            stream.seek(at.position)
            origin = f"{path.name} {at.generation}" if at.generation > 1 else path.name
            lines: list[Line] = []
            position = at.position
            for line, position in lines_of(stream, origin, at.position, whole_only=True):  # noqa: B007
                lines.append(line)
                if len(lines) == most:
                    break
        if not lines:
            return None
        left = FilePosition(path.name, at.generation, _digest(beginning, position), position, at.header)
        return Poll(lines, left, at.header)

    def _position(self, path: Path, beginning: bytes) -> FilePosition:
        """Where to go on; at the beginning when the file is new, shorter than it was, or another one."""
        known = self._known.get(path.name)
        if known is None:
            return FilePosition(path.name)
        if path.stat().st_size < known.position or known.head != _digest(beginning, known.position):
            return FilePosition(path.name, known.generation + 1)
        return known


def _digest(beginning: bytes, position: int) -> str:
    """Of the part of the beginning that had been read, which does not change while a file grows."""
    return hashlib.sha256(beginning[: min(HEAD, position)]).hexdigest()
