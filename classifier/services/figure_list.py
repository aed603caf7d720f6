"""Which figures are shown of a version, and how they are written: by what its model line measures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classifier.models.version import CLASSIFY, DETECT
from classifier.wording import decimal, share

VIEWS = (("category", _("Category")), ("sub_category", _("Sub-category")), ("both", _("Both")))

Figures = dict[str, Any]
Words = str | Promise


@dataclass(frozen=True)
class Figure:
    """`key` is its label among the few that stand large, `brief` its heading in lists; empty where it is left out."""

    name: Words
    meaning: Words
    read: Callable[[Figures], float | None]
    write: Callable[[float | None], str]
    better: int = 0  # 1: more, -1: less, 0: neither
    key: Words = ""
    brief: Words = ""


def figures_of(line: str) -> Sequence[Figure]:
    """The figures of a model line; a line that starts otherwise than all others is one of detectors."""
    return {CLASSIFY: _OF_REPORTS, DETECT: _OF_THREATS}.get(line, _OF_DETECTORS)


def count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def speed(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _plain(name: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures.get(name)


def _of_view(view: str, name: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures.get(view, {}).get(name)


def _accuracy(view: str, name: Words, meaning: Words, key: Words = "", brief: Words = "") -> Figure:
    return Figure(name, meaning, _of_view(view, "accuracy"), share, 1, key, brief)


def _macro_f1(view: str, name: Words, key: Words = "", brief: Words = "") -> Figure:
    return Figure(name, _MEAN, _of_view(view, "macro_f1"), share, 1, key, brief)


_MEAN = _("Mean F1 over the classes, rare ones counting as much as frequent ones")
_RIGHT = _("Share of test reports whose label is exactly right")
_SUREST = Figure(
    _("The surest 80 %"),
    _("Exactly right among them, when the others are left to people"),
    _plain("exact_set_surest"),
    share,
    1,
)
_CALIBRATION = (
    Figure(
        _("Calibration error"),
        _("How far confidence is from how often it is right"),
        _plain("ece"),
        decimal,
        -1,
        _("Calibration error"),
        _("Calibration error"),
    ),
    Figure(_("Brier score"), _("Mean squared error of the confidence"), _plain("brier"), decimal, -1),
    Figure(_("Log loss"), _("Surprise at the true labels, in nats"), _plain("nll"), decimal, -1),
)

_OF_REPORTS = (
    _accuracy("category", _("Category: accuracy"), _RIGHT, key=_("Category right"), brief=_("Category")),
    _macro_f1("category", _("Category: macro-F1")),
    _accuracy("sub_category", _("Sub-category: accuracy"), _RIGHT, key=_("Sub-category right")),
    _macro_f1("sub_category", _("Sub-category: macro-F1")),
    _accuracy("both", _("Both: accuracy"), _RIGHT, key=_("Both right"), brief=_("Both")),
    _macro_f1("both", _("Both: macro-F1"), key=_("Macro-F1, both"), brief=_("Macro-F1")),
    _SUREST,
    Figure(_("Possible labels: promised"), _("The setting at that time"), _plain("coverage_promised"), share),
    Figure(
        _("Possible labels: kept"),
        _("Share of test reports whose true labels were among them"),
        _plain("coverage"),
        share,
    ),
    Figure(_("Possible labels per report"), _("The fewer, the more the promise says"), _plain("set_size"), decimal),
    *_CALIBRATION,
    Figure(_("Test reports"), _("The same reports for every column"), _plain("n"), count, key=_("Test reports")),
    Figure(
        _("Reports per second"),
        _("When it was measured; the parts of one version are computed together"),
        _plain("reports_per_second"),
        speed,
    ),
)

_OF_THREATS = (
    _accuracy(
        "category",
        _("Threat or normal: accuracy"),
        _("Share of test examples whose label is exactly right"),
        key=_("Right"),
        brief=_("Right"),
    ),
    _macro_f1("category", _("Threat or normal: macro-F1"), key=_("Macro-F1"), brief=_("Macro-F1")),
    _SUREST,
    *_CALIBRATION,
    Figure(
        _("Test examples"),
        _("The same examples for every column"),
        _plain("n"),
        count,
        0,
        _("Test examples"),
        _("Examples"),
    ),
    Figure(_("Prompts per second"), _("When it was measured"), _plain("reports_per_second"), speed),
)

_OF_DETECTORS = (
    Figure(_("Events"), _("It was fitted on"), _plain("events"), count, 0, _("Events"), _("Events")),
    Figure(_("Features"), _("Numbers that it reads of an event"), _plain("features"), count, 0, _("Features")),
    Figure(
        _("Threshold"),
        _("Scores above it are flagged"),
        _plain("threshold"),
        decimal,
        0,
        _("Threshold"),
        _("Threshold"),
    ),
    Figure(
        _("Alert rate"),
        _("Share of those events that stand above it; the source's budget at that time"),
        _plain("alert_rate"),
        lambda value: "–" if value is None else f"{value:.2%}",
        0,
        _("Alert rate"),
        _("Alert rate"),
    ),
    Figure(
        _("Change of scores"),
        _("Kolmogorov-Smirnov distance of the newest events' scores from those of all: how it was changing"),
        _plain("ks"),
        decimal,
        0,
        _("Change of scores"),
        _("Change"),
    ),
    Figure(_("Seconds"), _("That the fit took"), _plain("seconds"), speed),
)
