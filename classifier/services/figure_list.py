"""Which figures are shown of a version, and how they are written: by what its model line measures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from classifier.models.version import CLASSIFY, DETECT
from classifier.wording import decimal, share

VIEWS = (("category", "Category"), ("sub_category", "Sub-category"), ("both", "Both"))

Figures = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """`key` is its label among the few that stand large, `brief` its heading in lists; empty where it is left out."""

    name: str
    meaning: str
    read: Callable[[Figures], float | None]
    write: Callable[[float | None], str]
    better: int = 0  # 1: more, -1: less, 0: neither
    key: str = ""
    brief: str = ""


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


def _accuracy(view: str, label: str, noun: str = "reports", key: str = "", brief: str = "") -> Figure:
    meaning = f"Share of test {noun} whose label is exactly right"
    return Figure(f"{label}: accuracy", meaning, _of_view(view, "accuracy"), share, 1, key, brief)


def _macro_f1(view: str, label: str, key: str = "", brief: str = "") -> Figure:
    meaning = "Mean F1 over the classes, rare ones counting as much as frequent ones"
    return Figure(f"{label}: macro-F1", meaning, _of_view(view, "macro_f1"), share, 1, key, brief)


_SUREST = Figure(
    "The surest 80 %",
    "Exactly right among them, when the others are left to people",
    _plain("exact_set_surest"),
    share,
    1,
)
_CALIBRATION = (
    Figure(
        "Calibration error",
        "How far confidence is from how often it is right",
        _plain("ece"),
        decimal,
        -1,
        "Calibration error",
        "Calibration error",
    ),
    Figure("Brier score", "Mean squared error of the confidence", _plain("brier"), decimal, -1),
    Figure("Log loss", "Surprise at the true labels, in nats", _plain("nll"), decimal, -1),
)

_OF_REPORTS = (
    _accuracy("category", "Category", key="Category right", brief="Category"),
    _macro_f1("category", "Category"),
    _accuracy("sub_category", "Sub-category", key="Sub-category right"),
    _macro_f1("sub_category", "Sub-category"),
    _accuracy("both", "Both", key="Both right", brief="Both"),
    _macro_f1("both", "Both", key="Macro-F1, both", brief="Macro-F1"),
    _SUREST,
    Figure("Possible labels: promised", "The setting at that time", _plain("coverage_promised"), share),
    Figure(
        "Possible labels: kept", "Share of test reports whose true labels were among them", _plain("coverage"), share
    ),
    Figure("Possible labels per report", "The fewer, the more the promise says", _plain("set_size"), decimal),
    *_CALIBRATION,
    Figure("Test reports", "The same reports for every column", _plain("n"), count, key="Test reports"),
    Figure(
        "Reports per second",
        "When it was measured; the parts of one version are computed together",
        _plain("reports_per_second"),
        speed,
    ),
)

_OF_THREATS = (
    _accuracy("category", "Threat or normal", "examples", key="Right", brief="Right"),
    _macro_f1("category", "Threat or normal", key="Macro-F1", brief="Macro-F1"),
    _SUREST,
    *_CALIBRATION,
    Figure("Test examples", "The same examples for every column", _plain("n"), count, 0, "Test examples", "Examples"),
    Figure("Prompts per second", "When it was measured", _plain("reports_per_second"), speed),
)

_OF_DETECTORS = (
    Figure("Events", "It was fitted on", _plain("events"), count, 0, "Events", "Events"),
    Figure("Features", "Numbers that it reads of an event", _plain("features"), count, 0, "Features"),
    Figure("Threshold", "Scores above it are flagged", _plain("threshold"), decimal, 0, "Threshold", "Threshold"),
    Figure(
        "Alert rate",
        "Share of those events that stand above it; the source's budget at that time",
        _plain("alert_rate"),
        lambda value: "–" if value is None else f"{value:.2%}",
        0,
        "Alert rate",
        "Alert rate",
    ),
    Figure(
        "Change of scores",
        "Kolmogorov-Smirnov distance of the newest events' scores from those of all: how it was changing",
        _plain("ks"),
        decimal,
        0,
        "Change of scores",
        "Change",
    ),
    Figure("Seconds", "That the fit took", _plain("seconds"), speed),
)
