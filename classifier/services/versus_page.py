"""What the page of a comparison shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from classifier.ml.paired import GAIN, LOSS, ClassPair, ViewPair
from classifier.models import ModelVersion
from classifier.services import versus_words
from classifier.services.charts import Chart, reliability_chart, trend_chart
from classifier.services.figure_list import VIEWS
from classifier.services.figure_tables import Confusion, confusion
from classifier.services.lines import Line, line_named
from classifier.services.pair_runs import LatestRun, latest_pair_run
from classifier.services.versus import Calibration, Matrix, Side, Versus, rival, versus

CHOICES = 40  # newest versions that another one can be compared with


@dataclass(frozen=True)
class ViewRow:
    """One view of the labels, with its words. `worse` and `better` are classes that clearly are."""

    view: ViewPair
    title: str
    verdict: str
    macro_verdict: str
    worse: Sequence[ClassPair]
    better: Sequence[ClassPair]

    @property
    def worse_words(self) -> str:
        """How many classes clearly are."""
        n = len(self.worse)
        return ngettext("%(n)s clearly worse", "%(n)s clearly worse", n) % {"n": n}


@dataclass(frozen=True)
class SidePage:
    """One of the two: `first` is the one that is looked at; `against` the number of the other one."""

    side: Side
    first: bool
    against: int
    size: str
    confusion: Confusion | None
    calibration: Calibration | None
    chart: Chart | None


@dataclass(frozen=True)
class VersusPage:
    """`found` is what the API tells; `lead` the views' row that is told in sentences, the finest there is."""

    found: Versus
    line: Line
    choices: Sequence[ModelVersion]
    lead: ViewRow | None
    counted: str
    judged: str
    macro_judged: str
    views: Sequence[ViewRow]
    sides: Sequence[SidePage]
    by_reports: Chart | None
    by_date: Chart | None
    lacking: str
    latest: LatestRun | None


def versus_page(version: ModelVersion, other: ModelVersion) -> VersusPage:
    found = versus(version, other)
    views = [_row(view) for view in told_of(found.views)]
    lead = views[-1] if views else None
    return VersusPage(
        found=found,
        line=line_named(version.line),
        choices=choices(version),
        lead=lead,
        counted=versus_words.counted(found, lead.view) if lead else "",
        judged=versus_words.judged(found, lead.view) if lead else "",
        macro_judged=versus_words.macro_judged(found, lead.view.macro_f1) if lead else "",
        views=views,
        sides=[_side(found.one, found.other.id, first=True), _side(found.other, found.one.id, first=False)],
        by_reports=trend_chart(found.trend, by_date=False) if found.trend else None,
        by_date=trend_chart(found.trend, by_date=True) if found.trend else None,
        lacking=versus_words.lacking(found.lack) if found.lack else "",
        latest=latest_pair_run(version, other),
    )


def choices(version: ModelVersion) -> list[ModelVersion]:
    """The versions that this one can be compared with: whom it would be by itself comes first."""
    first = rival(version)
    others = ModelVersion.objects.filter(line=version.line).exclude(pk=version.pk).order_by("-pk")[:CHOICES]
    return sorted(others, key=lambda one: one != first)


def told_of(views: Sequence[ViewPair]) -> Sequence[ViewPair]:
    """Category alone where nothing has a sub-category."""
    parted = any(row.label for view in views if view.name == "sub_category" for row in view.classes)
    return views if parted else views[:1]


def _row(view: ViewPair) -> ViewRow:
    titles: Mapping[str, object] = dict(VIEWS)
    return ViewRow(
        view,
        str(titles[view.name]),
        str(versus_words.VERDICTS[view.verdict]),
        str(versus_words.VERDICTS[view.macro_f1.verdict]),
        versus_words.hit(view, LOSS),
        versus_words.hit(view, GAIN),
    )


def _side(side: Side, against: int, *, first: bool) -> SidePage:
    return SidePage(
        side=side,
        first=first,
        against=against,
        size=versus_words.size(side.bytes),
        confusion=_confusion(side.confusion) if side.confusion else None,
        calibration=side.calibration,
        chart=reliability_chart(side.calibration.bins) if side.calibration else None,
    )


def _confusion(matrix: Matrix) -> Confusion | None:
    return confusion({"confusion": {"labels": matrix.labels, "counts": matrix.counts}})
