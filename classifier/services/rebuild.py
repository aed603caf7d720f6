"""Building a version again from its snapshot, to see that the same model comes out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext

from classifier.ml.artifact import ArtifactError
from classifier.ml.outcomes import Outcomes, paired
from classifier.ml.rebuild import differences
from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY
from classifier.services.forgetting import rows_gone
from classifier.services.outcomes import outcomes_of, served_row
from classifier.services.taxonomy_since import since
from classifier.services.training import TrainingRefused, queue_run
from incidents.models import User

FIGURES_WITHOUT = ("seconds", "reports_per_second")  # what another moment of the machine changes


@dataclass(frozen=True)
class Rebuilt:
    """What came out of a rebuild. `unlike`: files that differ; None where they cannot be compared. `figures`: whether
    what was measured is the same; None where it cannot be compared. `problem`: what differs, or cannot be compared.
    `gone`: rows of the dataset that were erased since the first was trained.
    """

    of: ModelVersion
    version: ModelVersion
    unlike: Sequence[str] | None
    figures: bool | None
    problem: str = ""
    gone: int = 0

    @property
    def same(self) -> bool:
        """Of the same files it is the same model, also where its figures cannot be compared."""
        return self.unlike == [] and self.figures is not False


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
    if not version.snapshot.rows.exists():
        raise TrainingRefused(
            gettext("All reports that %(name)s was trained on are erased: there is nothing to build it from.")
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
    unlike, trouble = _unlike(run.rebuild_of, run.version)
    figures, told = _figures(run.rebuild_of, run.version)
    gone = rows_gone(run.snapshot)
    problem = " ".join(filter(None, (_what_is_gone(run, gone), trouble, told)))
    return Rebuilt(run.rebuild_of, run.version, unlike, figures, problem, gone)


def _what_is_gone(run: TrainingRun, gone: int) -> str:
    if not gone:
        return ""
    rows = {"gone": gone, "all": sum(run.snapshot.counts.values())}
    return gettext("%(gone)d of the %(all)d rows of its dataset are erased, so another model comes out.") % rows


def _unlike(one: ModelVersion, other: ModelVersion) -> tuple[list[str] | None, str]:
    """The files that differ, and which they are or why that is not known."""
    try:
        unlike = differences(one.artefact, other.artefact)
    except ArtifactError as error:
        return None, str(error)
    told = gettext("These files differ: %(names)s.") % {"names": ", ".join(unlike)}
    return unlike, told if unlike else ""


def _figures(one: ModelVersion, other: ModelVersion) -> tuple[bool | None, str]:
    """Whether both were measured alike on the dataset of the first, and why not. Labels that were renamed in between
    are told as today; where they were merged, split or retired, the two were asked otherwise.
    """
    first, second = served_row(one, one.snapshot), served_row(other, one.snapshot)
    if first is None or second is None:
        told = gettext("The figures are not compared: %(name)s was not measured on its test reports.")
        return None, told % {"name": one if first is None else other}
    between = [since(row.taxonomy_version_id) for row in (first, second)]
    if between[0].moved_of(one.snapshot.path_ids) != between[1].moved_of(one.snapshot.path_ids):
        return None, gettext(
            "The figures are not compared: labels were merged, split or retired between the two measurements."
        )
    if between[0].paths != between[1].paths:
        return _alike(outcomes_of(first), outcomes_of(second))
    unlike = sorted(
        name
        for name in {*first.figures, *second.figures} - {*FIGURES_WITHOUT}
        if first.figures.get(name) != second.figures.get(name)
    )
    told = gettext("These test figures differ: %(names)s.") % {"names": ", ".join(unlike)}
    return not unlike, told if unlike else ""


def _alike(first: Outcomes | None, second: Outcomes | None) -> tuple[bool | None, str]:
    """By what was decided of each test report, in words of today."""
    if not first or not second:
        return None, gettext("The figures are not compared: labels were renamed between the two measurements.")
    one, other = paired(first, second)
    unlike = int(((np.array(one.labels("both")) != other.labels("both")) | (one.confidence != other.confidence)).sum())
    unlike += len(first) + len(second) - 2 * len(one)
    told = gettext("%(n)s of %(all)s test reports are decided otherwise.") % {"n": unlike, "all": len(first)}
    return not unlike, told if unlike else ""
