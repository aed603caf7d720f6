"""Figures side by side, read from rows: no model is loaded here."""

from dataclasses import dataclass
from typing import Any

from classifier.models import Evaluation, ModelVersion


@dataclass(frozen=True)
class Column:
    """One column of a comparison."""

    title: str
    version: ModelVersion
    figures: dict[str, Any]


def comparison(version: ModelVersion) -> list[Column]:
    """The version as served, its experts alone, and the champion, all on the version's own test rows.

    An expert that serves alone is the version itself, and stands there once. Detectors stand each with what was
    measured when they were fitted.
    """
    mine = {row.part: row for row in version.evaluations.filter(snapshot=version.snapshot)}
    if len(mine) == 2:
        mine = {part: row for part, row in mine.items() if part == Evaluation.Part.SERVED}
    columns = [
        Column(
            str(Evaluation.Part(part).label) if part != Evaluation.Part.SERVED else version.name,
            version,
            mine[part].figures,
        )
        for part in Evaluation.Part.values
        if part in mine
    ]
    champion = ModelVersion.objects.champion(version.line)
    if champion and champion != version:
        served = champion.evaluations.filter(part=Evaluation.Part.SERVED)
        on = champion.snapshot if version.scores_events else version.snapshot  # no event has a label to be measured by
        if row := served.filter(snapshot=on).first():
            columns.append(Column(f"{champion.name} (champion)", champion, row.figures))
    return columns
