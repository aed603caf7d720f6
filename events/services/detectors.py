"""The detector that judges the events of a source in this process: read once per version, looked for once a second."""

import time
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.db.models import Subquery

from classifier.ml.artifact import ArtifactError
from classifier.models import Evaluation, ModelVersion
from classifier.store import ArtifactUnreachable
from events.models import EventSource
from events.services.feature_rows import latest_rows, usable_events
from events.stream.detector import ColdStart, Detector

LOOK_SECONDS = 1.0  # a new champion, shadow or alert budget is noticed after so long
RETRY_SECONDS = 30.0  # before an artefact that could not be read is tried again
COLD_SIZES = (200, 500, 1000, 2000)  # usable events at which what judges before the first training is made anew
UNREADABLE = "Events are stored unscored: "  # how an error of a source begins that stands here

Stage = ModelVersion.Stage
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Serving:
    """What scores events now. `version` is None at a cold start, `detector` where nothing can score."""

    version: ModelVersion | None = None
    detector: Detector | ColdStart | None = None
    threshold: float | None = None
    shadow_version: ModelVersion | None = None
    shadow: Detector | None = None


@dataclass(frozen=True)
class _Read:
    """A version as this process has it. `problem` says why it has no detector; it is read again after `retry`."""

    version: ModelVersion
    detector: Detector | None
    settled: tuple[float, float] | None  # the threshold chosen when it was put in charge, and the budget of then
    problem: str = ""
    retry: float = 0.0

    def threshold(self, budget: float) -> float | None:
        if self.settled is not None and self.settled[1] == budget:
            return self.settled[0]
        return None if self.detector is None else self.detector.threshold(budget)


@dataclass(frozen=True)
class _Known:
    """What is known of a source until `until`, in monotonic seconds."""

    until: float
    serving: Serving
    champion: _Read | None = None
    shadow: _Read | None = None
    cold: ColdStart | None = None
    cold_size: int = 0


@dataclass(frozen=True)
class _Row:
    source_id: int
    alert_budget: float
    error: str
    champion_id: int | None
    shadow_id: int | None


_known: dict[int, _Known] = {}


def serving(source: EventSource) -> Serving:
    """What judges the events of a source. One query a second, beside reading a version that is new here.

    The threshold is that of the source's alert budget. A detector that cannot be read leaves events unscored: the
    error of the source says so, and what to do.
    """
    known = _known.get(source.pk)
    if known is None or time.monotonic() >= known.until:
        known = _known[source.pk] = _look(source, known or _Known(0.0, Serving()))
    return known.serving


def forget() -> None:
    """Drop what this process remembers."""
    _known.clear()


def settled_threshold(version: ModelVersion) -> tuple[float, float] | None:
    """The threshold chosen when a version was put in charge, and the alert budget of that moment."""
    row = version.evaluations.filter(part=Evaluation.Part.SERVED).first()
    if row is None or "threshold" not in row.figures:
        return None
    return row.figures["threshold"], row.figures["budget"]


def _look(source: EventSource, before: _Known) -> _Known:
    until = time.monotonic() + LOOK_SECONDS
    row = _pointers(source)
    champion = _read(row.champion_id, before.champion)
    shadow = _read(row.shadow_id, before.shadow)
    _tell(row, champion.problem if champion else "")
    shadowing = (shadow.version, shadow.detector) if shadow else (None, None)
    if champion is not None:
        threshold = champion.threshold(row.alert_budget) if champion.detector else None
        now = Serving(champion.version, champion.detector, threshold, *shadowing)
        return _Known(until, now, champion, shadow)
    cold, size = _cold_start(source, before)
    threshold = cold.threshold(row.alert_budget) if cold else None
    return _Known(until, Serving(None, cold, threshold, *shadowing), None, shadow, cold, size)


def _pointers(source: EventSource) -> _Row:
    """What may have changed, in one query."""
    of_line = ModelVersion.objects.filter(line=source.line)
    found = EventSource.objects.filter(pk=source.pk).values_list(
        "pk",
        "alert_budget",
        "error",
        Subquery(of_line.filter(stage=Stage.CHAMPION).values("pk")[:1]),
        Subquery(of_line.filter(stage=Stage.SHADOW).values("pk")[:1]),
    )
    return _Row(*found.get())


def _read(version_id: int | None, before: _Read | None) -> _Read | None:
    if version_id is None:
        return None
    if before is not None and before.version.pk == version_id and _holds(before):
        return before
    version = ModelVersion.objects.get(pk=version_id)
    settled = settled_threshold(version)
    try:
        return _Read(version, Detector.load(version.artefact), settled)
    except ArtifactError as error:
        if version.stage == Stage.CHAMPION and isinstance(error, ArtifactUnreachable):
            raise  # events wait in their inbox; without the shadow alone nothing is missed
        logger.warning("detector_unreadable", version=version.name, error=str(error))
        return _Read(version, None, settled, _advice(version, error), time.monotonic() + RETRY_SECONDS)


def _holds(read: _Read) -> bool:
    return read.detector is not None or time.monotonic() < read.retry


def _advice(version: ModelVersion, error: ArtifactError) -> str:
    return f"{UNREADABLE}{version.name} cannot be read. Roll back, or train another detector. ({error})"[:300]


def _tell(row: _Row, problem: str) -> None:
    """Keep the source's error in step with what can be read. What a fetch wrote there is not touched without need."""
    if row.error == problem or not (problem or row.error.startswith(UNREADABLE)):
        return
    source = EventSource.objects.filter(pk=row.source_id, error=row.error)
    # Afterwards, so that no micro-batch holds the row of its source while it works.
    transaction.on_commit(lambda: source.update(error=problem))


def _cold_start(source: EventSource, before: _Known) -> tuple[ColdStart | None, int]:
    """What judges until a detector is trained: made from the newest usable events, anew as they become more."""
    usable = usable_events(source) if before.cold_size < COLD_SIZES[-1] else 0
    size = max((size for size in COLD_SIZES if size <= usable), default=0)
    if size <= before.cold_size:
        return before.cold, before.cold_size
    rows = latest_rows(source, size)
    if len(rows) < COLD_SIZES[0]:
        return before.cold, size
    return ColdStart.fit(rows.values, rows.names), size
