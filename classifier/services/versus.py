"""One version beside another on the same test reports: the figures that the page, the API and the command tell.

Reads rows and the sizes of files; no model is loaded here.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from classifier.ml.calibration import brier_score, expected_calibration_error
from classifier.ml.outcomes import Outcomes, paired
from classifier.ml.paired import ViewPair, compared
from classifier.ml.reliability import Bin, reliability
from classifier.models import DatasetSnapshot, Evaluation, ModelVersion
from classifier.services.outcomes import outcomes_of, served_row
from classifier.services.pair_runs import shared_snapshot, wanted_snapshot
from classifier.services.trend import TrendPoint, trend

Stage = ModelVersion.Stage
NOT_MEASURED, NOT_KEPT, NO_REPORTS = "not_measured", "not_kept", "no_reports"


@dataclass(frozen=True)
class Calibration:
    """Of the confidence that the decided set of paths is exactly right, on the compared reports."""

    error: float
    brier: float
    bins: Sequence[Bin]


@dataclass(frozen=True)
class Matrix:
    """`counts[i][j]`: reports whose true category is `labels[i]` and whose decided one is `labels[j]`."""

    labels: Sequence[str]
    counts: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Side:
    """One of the two versions. What follows from test reports is None where it was not measured on them."""

    id: int
    name: str
    stage: str
    base_model: str
    made: datetime
    training_reports: int
    bytes: int | None  # of the artefact; None where it is gone, or its storage does not answer
    reports_per_second: float | None
    seconds: float | None
    calibration: Calibration | None
    confusion: Matrix | None


@dataclass(frozen=True)
class Lack:
    """Why two versions are not compared on the newest test reports that they could be, or not at all.

    `reason`: `not_measured`, `not_kept` (an earlier release kept no outcomes) or `no_reports`; `of`: names of versions.
    """

    reason: str
    of: Sequence[str]
    dataset: str
    reports: int


@dataclass(frozen=True)
class Versus:
    """`views` is empty where the two share no test reports; `lack` then says what to do about it."""

    one: Side
    other: Side
    dataset: str
    reports: int
    views: Sequence[ViewPair]
    trend: Sequence[TrendPoint]
    lack: Lack | None

    def to_json(self) -> dict[str, Any]:
        """Plain values; dates as ISO 8601."""
        told: dict[str, Any] = _plain(asdict(self))
        return told


def versus(one: ModelVersion, other: ModelVersion) -> Versus:
    """Everything there is to say of one version beside another of its line."""
    snapshot = shared_snapshot(one, other)
    mine, theirs = (served_row(version, snapshot) if snapshot else None for version in (one, other))
    kept = _paired(mine, theirs)
    return Versus(
        one=_side(one, mine, kept[0] if kept else None),
        other=_side(other, theirs, kept[1] if kept else None),
        dataset=snapshot.content_hash if snapshot else "",
        reports=len(kept[0]) if kept else 0,
        views=compared(*kept) if kept else [],
        trend=trend(one.line),
        lack=_lack(one, other, snapshot),
    )


def rival(version: ModelVersion) -> ModelVersion | None:
    """Whom a version is compared with unless somebody says otherwise: the champion, or who was in charge before it."""
    others = ModelVersion.objects.filter(line=version.line).exclude(pk=version.pk).select_related("snapshot")
    return others.champion(version.line) or others.previous(version.line) or others.order_by("-pk").first()


def _paired(mine: Evaluation | None, theirs: Evaluation | None) -> tuple[Outcomes, Outcomes] | None:
    kept = [outcomes_of(row) for row in (mine, theirs) if row]
    if len(kept) < 2 or kept[0] is None or kept[1] is None:
        return None
    one, other = paired(kept[0], kept[1])
    return (one, other) if len(one) else None


def _side(version: ModelVersion, row: Evaluation | None, kept: Outcomes | None) -> Side:
    return Side(
        id=version.pk,
        name=version.name,
        stage=version.stage,
        base_model=version.base_model,
        made=version.created_at,
        training_reports=version.snapshot.counts.get("train", 0),
        bytes=version.artefact_bytes,
        reports_per_second=row.figures.get("reports_per_second") if row else None,
        seconds=row.figures.get("seconds") if row else None,
        calibration=_calibration(kept) if kept else None,
        confusion=_matrix(kept) if kept else None,
    )


def _calibration(kept: Outcomes) -> Calibration:
    right = kept.right()
    return Calibration(
        expected_calibration_error(kept.confidence, right),
        brier_score(kept.confidence, right),
        reliability(kept.confidence, right),
    )


def _matrix(kept: Outcomes) -> Matrix:
    truth, said = kept.truths("category"), kept.labels("category")
    labels = sorted({*truth, *said})
    place = {label: number for number, label in enumerate(labels)}
    counts = [[0] * len(labels) for _ in labels]
    for true, decided in zip(truth, said, strict=True):
        counts[place[true]][place[decided]] += 1
    return Matrix(labels, counts)


def _lack(one: ModelVersion, other: ModelVersion, snapshot: DatasetSnapshot | None) -> Lack | None:
    wanted = wanted_snapshot(one, other)
    reports = wanted.counts.get("test", 0)
    if snapshot == wanted:
        return None
    rows = Evaluation.objects.filter(snapshot=wanted, part=Evaluation.Part.SERVED, version__in=[one, other])
    measured = set(rows.values_list("version", flat=True))
    kept = set(rows.filter(outcomes__isnull=False).values_list("version", flat=True))
    unmeasured = [version.name for version in (one, other) if version.pk not in measured]
    not_kept = [version.name for version in (one, other) if version.pk in measured - kept]
    if not reports:
        return Lack(NO_REPORTS, [], wanted.content_hash, 0)
    reason = NOT_MEASURED if unmeasured else NOT_KEPT
    return Lack(reason, unmeasured or not_kept, wanted.content_hash, reports)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value
