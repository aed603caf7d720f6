"""How the versions of a line have done, by the number of training reports and by date. Reads rows only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from classifier.ml.paired import Ranged
from classifier.ml.significance import wilson
from classifier.models import Evaluation

SHOWN = 40  # newest versions


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One version as it was served on the test reports of its own dataset, exact labels of both levels."""

    id: int
    name: str
    stage: str
    made: datetime
    training_reports: int
    test_reports: int
    accuracy: Ranged
    macro_f1: float


def trend(line: str) -> list[TrendPoint]:
    """The versions of a line that were measured on labelled reports, by number of training reports, then by age."""
    rows = Evaluation.objects.filter(
        version__line=line,
        part=Evaluation.Part.SERVED,
        snapshot=F("version__snapshot"),
        figures__both__accuracy__isnull=False,
    ).values_list(
        "version_id", "version__name", "version__stage", "version__created_at", "snapshot__counts", "figures__n",
        "figures__both__accuracy", "figures__both__macro_f1",
    )  # fmt: skip
    points = [
        TrendPoint(number, name, stage, made, counts.get("train", 0), n, _accuracy(share, n), macro_f1)
        for number, name, stage, made, counts, n, share, macro_f1 in rows.order_by("-version")[:SHOWN]
    ]
    return sorted(points, key=lambda point: (point.training_reports, point.id))


def _accuracy(share: float, n: int) -> Ranged:
    low, high = wilson(share * n, n)
    return Ranged(share, float(low), float(high))
