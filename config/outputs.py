"""Where the output of a command goes: stdout at once, or a file that appears whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from config.commands import stop

STDOUT = "-"


@contextmanager
def results_to(file: str, stdout: int) -> Iterator[TextIO]:
    """A UTF-8 text stream; `stdout` is the descriptor that "-" stands for. Lone surrogates become their bytes again."""
    path = Path(file).resolve()
    try:
        if file == STDOUT:
            with _text(os.dup(stdout)) as stream:
                yield stream
        elif path.exists() and not path.is_file():
            with _text(os.open(path, os.O_WRONLY)) as stream:
                yield stream
        else:
            yield from _aside(path)
    except BrokenPipeError as error:
        raise stop("nobody reads the output any more.") from error
    except OSError as error:
        raise stop(f"{file} cannot be written: {error.strerror}.") from error


def _aside(path: Path) -> Iterator[TextIO]:
    """Written beside the goal, synced, renamed; removed when anything fails."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    stream = _text(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def _text(descriptor: int) -> TextIO:
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="")
