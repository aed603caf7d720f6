"""What a version decided of each test report, and the figures of it, in the words of today. Reads rows only."""

from typing import Any

from classifier.ml.outcomes import Outcomes
from classifier.models import DatasetSnapshot, Evaluation, ModelVersion
from classifier.services.taxonomy_since import since


def outcomes_of(evaluation: Evaluation) -> Outcomes | None:
    """The outcome of each report that the figures come from; None of rows that an earlier release has written.

    Labels that were renamed, merged or retired since are told as they read today.
    """
    if not evaluation.outcomes:
        return None
    kept, words = Outcomes.from_json(evaluation.outcomes), since(evaluation.taxonomy_version_id).paths
    return kept.read_as(words) if words else kept


def served_row(version: ModelVersion, snapshot: DatasetSnapshot) -> Evaluation | None:
    """Of the version as it is served, on the test reports of a dataset."""
    return version.evaluations.filter(snapshot=snapshot, part=Evaluation.Part.SERVED).first()


def served_outcomes(version: ModelVersion, snapshot: DatasetSnapshot) -> Outcomes | None:
    """Of the version as it is served, on the test reports of a dataset; None where they were not kept."""
    row = served_row(version, snapshot)
    return outcomes_of(row) if row else None


def figures_today(row: Evaluation) -> dict[str, Any]:
    """What was measured, by the labels of today. What does not follow from labels, and all of a row without outcomes,
    is as it was measured.
    """
    figures: dict[str, Any] = row.figures
    if not since(row.taxonomy_version_id).paths:
        return figures
    kept = outcomes_of(row)
    return figures | kept.figures() if kept else figures
