"""The numbered steps that a start prints, with the seconds that each took. Needs nothing but Python."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

TOTAL = 8  # of `make demo`


class StepFailed(Exception):
    """A step cannot be done; the message says why and what to do. Shown without a traceback."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def step(number: int, title: str, total: int = TOTAL) -> Iterator[None]:
    """Print `[3/8] title`, and when it is done the seconds if it took noticeably long."""
    say(f"[{number}/{total}] {title}")
    began = time.monotonic()
    yield
    if (took := time.monotonic() - began) >= 0.5:
        say(f"      {took:.1f} s")


def detail(line: str) -> None:
    """One line of progress inside a step."""
    say(f"      {line[:100]}")
