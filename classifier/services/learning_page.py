"""What the page of the next labels shows: sentences, charts, and a row for each class. Reads rows only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classifier.ml import learning_curve as ml
from classifier.ml.learning_curve import Curve, Verdict
from classifier.services.charts import Chart, learning_chart
from classifier.services.learning import Learning, learning
from incidents.models import Path

NAMED = 5  # starving classes in a sentence
SHOWN = 0.01  # of F1, the least gain that two digits show
TEACHES = "margin"  # the order of the list by which fewest labels are needed (benchmarks/active.py)

TITLES: Mapping[str, str | Promise] = {
    "category": gettext_lazy("Categories"),
    "sub_category": gettext_lazy("Sub-categories"),
}
MEANS: Mapping[str, str | Promise] = {
    "category": gettext_lazy("macro-F1 of categories"),
    "sub_category": gettext_lazy("macro-F1 of sub-categories"),
}
VERDICTS: Mapping[str, str | Promise] = {
    Verdict.STARVING: gettext_lazy("Starving"),
    Verdict.RISING: gettext_lazy("Still rising"),
    Verdict.ENOUGH: gettext_lazy("Enough for this class"),
    Verdict.FLAT: gettext_lazy("Flat: labels alone do not help"),
    Verdict.UNKNOWN: gettext_lazy("Not known"),
}
ICONS: Mapping[str, str] = {
    Verdict.STARVING: "alert-triangle",
    Verdict.RISING: "trending-up",
    Verdict.ENOUGH: "circle-check",
    Verdict.FLAT: "ban",
    Verdict.UNKNOWN: "help-circle",
}


@dataclass(frozen=True)
class ClassRow:
    """`points` draws the measured curve in a field of 100 x 28; `query` is the list of reports held to be of it."""

    curve: Curve
    f1: str
    interval: str
    next: str
    next_interval: str
    verdict: str
    icon: str
    points: str
    query: str


@dataclass(frozen=True)
class View:
    """One level of the labels: the mean over its classes, and each of them, what helps most first."""

    name: str
    title: str | Promise
    sentence: str
    starving: str
    mean: Curve
    chart: Chart
    rows: Sequence[ClassRow]


@dataclass(frozen=True)
class LearningPage:
    found: Learning
    views: Sequence[View]

    @property
    def rules(self) -> str:
        """How the verdicts are come by."""
        told = {"fewest": ml.FEWEST_OF_CLASS, "worth": f"{ml.WORTH:g}", "good": f"{ml.GOOD:g}"}
        return (
            _(
                "Starving: fewer than %(fewest)s labels, of which nothing can be told. Still rising: F1 has risen with"
                " the labels beyond doubt, and the next ones bring at least %(worth)s. Enough: the next ones bring"
                " less than %(worth)s, at the upper end too, and F1 is %(good)s or better. Flat: the same below"
                " %(good)s, where doubted labels or the definition of the class are worth a look. Not known: anything"
                " else, the curve is too noisy."
            )
            % told
        )


def learning_page() -> LearningPage:
    found = learning()
    categories = _categories_of() if found.run else {}
    return LearningPage(found, [_view(name, mean, found, categories) for name in ml.VIEWS if (mean := found.of(name))])


def table(found: Learning) -> Iterator[list[str | float]]:
    """The curves as lines of a table, its header first; what is not known is empty."""
    yield [
        "level", "class", "labels", "f1", "f1_low", "f1_high", "more", "then", "then_low", "then_high",
        "gain", "gain_low", "gain_high", "verdict", *(f"f1_at_{fraction:g}" for fraction in ml.FRACTIONS),
    ]  # fmt: skip
    for name in ml.VIEWS:
        for one in [*filter(None, [found.of(name)]), *found.classes(name)]:
            forecast = (one.then, one.then_low, one.then_high, one.gain, one.gain_low, one.gain_high)
            figures = [round(value, 4) if value is not None else "" for value in (*forecast,)]
            measured = [round(value, 4) for value in (one.f1[-1], one.low, one.high)]
            line: list[str | float] = [name, one.label, one.labels, *measured, one.more, *figures, one.verdict]
            yield line + [round(value, 4) for value in one.f1]


def summary(curve: Curve) -> str:
    """What the next labels bring to the mean over all classes, in one sentence."""
    labels = ngettext("%(n)s more label", "%(n)s more labels", curve.more) % {"n": curve.more}
    told = {"labels": labels, "mean": MEANS[curve.view], "now": _f1(curve.now), "then": _f1(curve.then)}
    told |= {"range": _range(curve.then_low, curve.then_high), "gain": _range(curve.gain_low, curve.gain_high)}
    if curve.then is None:
        return _("Too few labels to say what more would bring to the %(mean)s.") % told
    if curve.verdict == Verdict.UNKNOWN:
        return _("%(labels)s: %(mean)s from %(now)s to perhaps %(then)s (%(range)s), which chance may explain.") % told
    if curve.verdict == Verdict.RISING:
        return _("%(labels)s: %(mean)s from %(now)s to about %(then)s (%(range)s), a gain of %(gain)s.") % told
    return (
        _("%(labels)s change little: %(mean)s from %(now)s to about %(then)s (%(range)s), a gain of %(gain)s.") % told
    )


def starving(classes: Sequence[Curve]) -> str:
    """Which classes have too few labels, in one sentence; empty where none has."""
    names = [one.label for one in classes if one.verdict == Verdict.STARVING]
    if not names:
        return ""
    more = len(names) - NAMED
    told = {"names": ", ".join(names[:NAMED]), "fewest": ml.FEWEST_OF_CLASS, "more": more}
    if more > 0:
        return _("Starving, with fewer than %(fewest)s labels: %(names)s and %(more)s more.") % told
    return _("Starving, with fewer than %(fewest)s labels: %(names)s.") % told


def _view(name: str, mean: Curve, found: Learning, categories: Mapping[str, str]) -> View:
    classes = found.classes(name)
    rows = [_row(one, one.label if name == "category" else categories.get(one.label, "")) for one in classes]
    return View(name, TITLES[name], summary(mean), starving(classes), mean, learning_chart(mean), rows)


def _row(curve: Curve, category: str) -> ClassRow:
    last = curve.counts[-1]
    return ClassRow(
        curve=curve,
        f1=_f1(curve.f1[-1]),
        interval=_range(curve.low, curve.high),
        next=_next(curve),
        next_interval="" if curve.gain is None else _range(curve.gain_low, curve.gain_high),
        verdict=str(VERDICTS[curve.verdict]),
        icon=ICONS[curve.verdict],
        points=" ".join(
            f"{4 + 92 * count / last:.1f},{24 - 20 * f1:.1f}" for count, f1 in zip(curve.counts, curve.f1, strict=True)
        ),
        query=urlencode({"category": category, "order": TEACHES}) if category else "",
    )


def _next(curve: Curve) -> str:
    if curve.gain is None:
        return "–"
    if curve.verdict == Verdict.UNKNOWN:
        return _("not known")
    return f"+{curve.gain:.2f}" if curve.gain >= SHOWN else _("less than %(least)s") % {"least": f"{SHOWN:g}"}


def _f1(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _range(low: float | None, high: float | None) -> str:
    return _("%(low)s to %(high)s") % {"low": _f1(low), "high": _f1(high)}


def _categories_of() -> dict[str, str]:
    """A category of each sub-category: the list of reports goes by categories."""
    paths = Path.objects.with_names().exclude(sub_category=None)
    return {path.sub_category_name: path.category_names[0] for path in paths}
