"""Say what went wrong without repeating what it went wrong with."""

import traceback
from pathlib import Path

from django.conf import settings

OWN_PACKAGES = frozenset({"classifier", "config", "events", "incidents", "workers"})
LENGTH = 300


def sentence(error: BaseException) -> str:
    """One plain sentence, fit to be stored, logged and shown.

    Errors of our own were written for people and are quoted. A foreign error's message may quote the
    report that it choked on, so only its type, the system's own text (for OSError) and the place in our code
    are told.
    """
    name = type(error).__name__
    if type(error).__module__.partition(".")[0] in OWN_PACKAGES:
        return f"{name}: {error}"[:LENGTH] if str(error) else name
    if isinstance(error, OSError) and error.strerror:
        name = f"{name} ({error.strerror})"
    return f"{name} {_place(error)}".strip()[:LENGTH]


def _place(error: BaseException) -> str:
    """The innermost frame of our own code."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(settings.BASE_DIR) and "site-packages" not in file.parts:
            return f"in {file.relative_to(settings.BASE_DIR)}, line {frame.lineno}"
    return ""
