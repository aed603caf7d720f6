"""How figures of models and trainings are written, and what is stored in English is told in another language."""

import re

from django.utils.translation import gettext, gettext_lazy, gettext_noop

# Of figures that compare two versions by what people decided.
FAIRNESS = gettext_lazy(
    "People who see the champion's suggestion tend to follow it: only those decided blind compare the two fairly."
)

# Why a training was due by itself, and why one failed.
AFTER_LABELS = gettext_noop("{} new decisions since the last training")
BY_SCHEDULE = gettext_noop("{} days since the last training")
FIRST = gettext_noop("the first training of the schedule")
NO_MEMORY = gettext_noop(
    "The memory was not enough. Choose a smaller base model, fewer tokens at once, or computing twice to save memory."
)
NO_DISK = gettext_noop("The disk is full. Remove old models or other files, then resume the training.")
NO_ACCESS = gettext_noop(
    "A file could not be read or written: the worker's account lacks the right to it. Look at the folder's owner."
)
KILLED = gettext_noop(
    "Its worker was killed each time, so it is not tried again by itself. Most often the memory was not enough: choose"
    " a smaller base model or fewer tokens at once. The system's log tells who killed it."
)
# What jobs store as the reason why they made nothing, with {} for each number; the model core knows no languages.
TROUBLES = (
    gettext_noop("{} reports with a label are too few to doubt any: {} are needed."),
    gettext_noop("At least two labels with {} reports each are needed to doubt any."),
    gettext_noop("At least two different labels are needed to doubt any."),
    gettext_noop("{} reports with a label are too few for a learning curve: {} are needed."),
    gettext_noop("The reports resemble each other too much: at least {} unlike ones are needed."),
    gettext_noop("At least two different labels are needed for a learning curve."),
    gettext_noop("{} open reports have been read by the model in charge: themes need at least {}."),
    gettext_noop("The worker disappeared each time while it ran this job, so it is not tried again by itself."),
    gettext_noop("The work on it was called off."),
    gettext_noop("An admin must train a new model, or restore the files of this version."),
    gettext_noop("Have the report classified again by the model in charge."),
    AFTER_LABELS,
    BY_SCHEDULE,
    FIRST,
    NO_MEMORY,
    NO_DISK,
    NO_ACCESS,
    KILLED,
)
_NUMBER = re.compile(r"\d+")


def in_words(trouble: str) -> str:
    """A stored sentence in the language that is active; one that is not known, as an error is, as it stands."""
    known = _NUMBER.sub("{}", trouble)
    return gettext(known).format(*_NUMBER.findall(trouble)) if known in TROUBLES else trouble


def by_whom(by: object | None, by_itself: bool) -> str:
    """Who made a move: a person, a rule, or a person whose account was deleted since."""
    if by:
        return gettext("by %(by)s") % {"by": by}
    return gettext("by itself") if by_itself else gettext("by somebody whose account is gone")


def duration(seconds: float | None) -> str:
    """96.2 -> `1 min 36 s`, and so on up to days and hours; nothing known -> `–`."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def share(value: float | None) -> str:
    """0.8234 -> `82.3 %` on one line; nothing measured -> `–`."""
    return "–" if value is None else f"{value * 100:.1f}\u00a0%"


def decimal(value: float | None) -> str:
    """0.03124 -> `0.031`; nothing measured -> `–`."""
    return "–" if value is None else f"{value:.3f}"


def points(difference: float) -> str:
    """0.0312 -> `+3.1`; a share's difference in percentage points."""
    text = f"{difference * 100:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "\u2212")


def class_verdict(verdict: str) -> str:
    """`gain` -> `clearly better`: what is to be said of one class in two models."""
    return {
        "gain": gettext("clearly better"),
        "loss": gettext("clearly worse"),
        "undecided": gettext("could be chance"),
        "same": gettext("the same"),
    }[verdict]


def amount(mb: float | None) -> str:
    """1536.0 -> `1.5 GB`; nothing known -> `–`."""
    if mb is None:
        return "–"
    return f"{mb / 1024:.1f}\u00a0GB" if mb >= 1024 else f"{mb:.0f}\u00a0MB"
