"""Building a version again from its snapshot, to see that the same model comes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from classifier.ml.artifact import ArtifactError
from classifier.ml.rebuild import differences
from classifier.models import Evaluation, ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY
from classifier.services.training import TrainingRefused, queue_run
from incidents.models import User

FIGURES_WITHOUT = ("seconds", "reports_per_second")  # what another moment of the machine changes


@dataclass(frozen=True)
class Rebuilt:
    """What came out of a rebuild. `unlike`: files that differ; `figures`: whether all test figures are the same."""

    of: ModelVersion
    version: ModelVersion
    unlike: Sequence[str]
    figures: bool
    problem: str = ""  # why the artefacts cannot be compared

    @property
    def same(self) -> bool:
        return not self.unlike and self.figures and not self.problem


def request_rebuild(version: ModelVersion, *, by: User | None) -> TrainingRun:
    """Train again on a version's frozen dataset with its options; nothing is promoted. Raises TrainingRefused."""
    run = TrainingRun.objects.filter(version=version).first()
    if version.line != CLASSIFY or run is None:
        raise TrainingRefused(
            gettext("%(name)s was not trained on decided reports here, so it cannot be built again.")
            % {"name": version.name}
        )
    if run.options.get("max_seconds"):
        raise TrainingRefused(
            gettext("%(name)s was trained with a time budget, which no other run repeats exactly.")
            % {"name": version.name}
        )
    return queue_run(
        TrainingRun(
            snapshot=version.snapshot,
            base_model=run.base_model,
            options=run.options,
            selection=run.selection,
            contents=run.contents,
            requested_by=by,
            rebuild_of=version,
        )
    )


def rebuilt(run: TrainingRun) -> Rebuilt | None:
    """What came out of a rebuild that is done; None for any other training."""
    if run.rebuild_of is None or run.version is None:
        return None
    try:
        unlike, problem = differences(run.rebuild_of.artefact, run.version.artefact), ""
    except ArtifactError as error:
        unlike, problem = [], str(error)
    return Rebuilt(run.rebuild_of, run.version, unlike, _same_figures(run.rebuild_of, run.version), problem)


def _same_figures(one: ModelVersion, other: ModelVersion) -> bool:
    served = [
        version.evaluations.filter(snapshot=one.snapshot, part=Evaluation.Part.SERVED).first()
        for version in (one, other)
    ]
    first, second = (
        {name: value for name, value in row.figures.items() if name not in FIGURES_WITHOUT} if row else None
        for row in served
    )
    return first is not None and first == second
