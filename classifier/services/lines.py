"""Model lines in words: one sorts reports, one tells threats, and one of each source of events scores these."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY, DETECT, DETECTOR_PREFIX

Stage = ModelVersion.Stage
Words = str | Promise


@dataclass(frozen=True)
class Line:
    """What pages say of a model line. `noun` is what its versions learn from, `on` what they are compared on."""

    name: str
    title: Words
    lead: Words
    takes_over: Words
    noun: Words
    on: Words
    first: Words
    has_shadow: bool = False

    @property
    def scores_events(self) -> bool:
        """Whether its versions are detectors of a source."""
        return self.name.startswith(DETECTOR_PREFIX)


@dataclass(frozen=True)
class LineSummary:
    """Who stands where on a line."""

    line: Line
    champion: ModelVersion | None
    previous: ModelVersion | None
    shadow: ModelVersion | None
    challengers: int
    open_run: TrainingRun | None


REPORTS = Line(
    name=CLASSIFY,
    title=_("Models"),
    lead=_("The champion sorts every new report. Challengers wait until somebody promotes them."),
    takes_over=_("It will sort every new report, and the reports that wait for review are read again."),
    noun=_("reports"),
    on=_("on the same test reports"),
    first=_(
        "Reports are saved and wait. Train a model: the first one that beats the most frequent category takes over by"
        " itself."
    ),
    has_shadow=True,
)
THREATS = Line(
    name=DETECT,
    title=_("Detection model"),
    lead=_("The champion says of every flagged event how likely it is a threat."),
    takes_over=_("It will judge the events that are flagged from now on."),
    noun=_("examples"),
    on=_("on the same test examples"),
    first=_(
        "Events are scored and flagged all the same, and their records say that no detection model was there. Train"
        " one on verdicts and imported examples."
    ),
)


def line_named(name: str) -> Line:
    """Of any name that a version or run may bear."""
    return {CLASSIFY: REPORTS, DETECT: THREATS}.get(name) or _detectors(name.removeprefix(DETECTOR_PREFIX), name)


def is_line(name: str) -> bool:
    """Whether there is something to show of it."""
    known = ModelVersion.objects.filter(line=name).exists() or TrainingRun.objects.filter(line=name).exists()
    return name in {CLASSIFY, DETECT} or known


def other_lines() -> list[LineSummary]:
    """All lines but that of the reports: the detection model first, then the sources by name."""
    versions = list(ModelVersion.objects.exclude(line=CLASSIFY).order_by("-pk"))
    runs = {run.line: run for run in TrainingRun.objects.exclude(line=CLASSIFY).order_by("pk")}
    names = {version.line for version in versions} | runs.keys()
    return [
        _summary(name, [version for version in versions if version.line == name], runs.get(name))
        for name in (DETECT, *sorted(names - {DETECT}))
    ]


def _summary(name: str, versions: Sequence[ModelVersion], latest: TrainingRun | None) -> LineSummary:
    return LineSummary(
        line_named(name),
        champion=_at(Stage.CHAMPION, versions),
        previous=_at(Stage.PREVIOUS, versions),
        shadow=_at(Stage.SHADOW, versions),
        challengers=sum(version.stage == Stage.CHALLENGER for version in versions),
        open_run=latest if latest and latest.is_open else None,
    )


def _at(stage: str, versions: Iterable[ModelVersion]) -> ModelVersion | None:
    return next((version for version in versions if version.stage == stage), None)


def _detectors(source: str, name: str) -> Line:
    return Line(
        name=name,
        title=gettext("Detectors of %(source)s") % {"source": source},
        lead=_("The champion scores every event of this source. A shadow scores beside it and decides nothing."),
        takes_over=gettext("It will score every event of %(source)s from the next batch on.") % {"source": source},
        noun=_("events"),
        on=_("each on the events that it was fitted on"),
        first=_("Until a detector is fitted, events are compared with a frozen reference of the first ones."),
        has_shadow=True,
    )
