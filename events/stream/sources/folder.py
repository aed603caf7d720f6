"""A watched folder: files are read on from where they were, line by line, also while they are written."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from events.stream.event import Line
from events.stream.lines import lines_of
from events.stream.sources.source import Poll, SourceUnavailable

HEAD = 1024  # bytes at the beginning that tell a file from another one of its name
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
            self.renamed = list(self._renamed())
        except OSError as error:
            raise SourceUnavailable(f"The folder {folder} cannot be used: {error.strerror}.") from error
        self._known |= {file.name: file for file in self.renamed}

    def poll(self, most: int) -> Poll | None:
        """Lines of one file that are complete; `offsets` is where that leaves it. Unreadable files come last."""
        trouble: OSError | None = None
        for path in self._files():
            try:
                if poll := self._read(path, most):
                    return poll
            except OSError as error:
                trouble = error
        if trouble is not None:
            raise SourceUnavailable(
                f"{trouble.filename or self._folder} cannot be read: {trouble.strerror}."
            ) from trouble
        return None

    def ack(self, poll: Poll) -> None:
        self._known[poll.offsets.name] = poll.offsets

    def close(self) -> None:
        """Nothing is kept open."""

    def _files(self) -> list[Path]:
        try:
            return [path for path in sorted(self._folder.iterdir()) if self._is_read(path)]
        except OSError as error:
            raise SourceUnavailable(f"The folder {self._folder} cannot be read: {error.strerror}.") from error

    def _renamed(self) -> Iterator[FilePosition]:
        """Known files that bear another name now, as rotation leaves them: they are read on, not again."""
        gone = [file for file in self._known.values() if file.position and not self._is_still(file)]
        for path in self._files():
            if path.name in self._known:
                continue
            for file in gone:
                if self._is_still(file, path.name):
                    yield replace(file, name=path.name)
                    break

    def _is_still(self, file: FilePosition, name: str = "") -> bool:
        """Whether the file of that name begins as this one did, and is no shorter than what was read of it."""
        path = self._folder / (name or file.name)
        if not path.is_file() or path.stat().st_size < file.position:
            return False
        with path.open("rb") as stream:
            return _digest(stream.read(HEAD), file.position) == file.head

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
