"""What a version decided of each test report, as far as that was kept. Reads rows only."""

from classifier.ml.outcomes import Outcomes
from classifier.models import DatasetSnapshot, Evaluation, ModelVersion


def outcomes_of(evaluation: Evaluation) -> Outcomes | None:
    """The outcome of each report that the figures come from; None of rows that an earlier release has written."""
    return Outcomes.from_json(evaluation.outcomes) if evaluation.outcomes else None


def served_outcomes(version: ModelVersion, snapshot: DatasetSnapshot) -> Outcomes | None:
    """Of the version as it is served, on the test reports of a dataset; None where they were not kept."""
    row = version.evaluations.filter(snapshot=snapshot, part=Evaluation.Part.SERVED).first()
    return outcomes_of(row) if row else None
