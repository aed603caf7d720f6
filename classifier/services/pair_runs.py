"""Having two versions measured on the same test reports: asking for it, and the worker's side."""

from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from classifier.ml.artifact import ArtifactUnusable
from classifier.models import ComparisonRun, DatasetSnapshot, Evaluation, ModelVersion
from classifier.services.analysis_runs import RunState, state_of
from classifier.services.evaluation import Beat, measure_on_test, measure_once, silent
from incidents.models import User
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND, QUEUE = "measure_pair", "inference"
Status = ComparisonRun.Status


@dataclass(frozen=True)
class LatestRun:
    run: ComparisonRun
    state: RunState


def shared_snapshot(version: ModelVersion, other: ModelVersion) -> DatasetSnapshot | None:
    """The newest dataset on whose test reports it is known of both versions what they decide of each."""
    kept = Evaluation.objects.filter(part=Evaluation.Part.SERVED, outcomes__isnull=False, version__in=[version, other])
    both = kept.values("snapshot").annotate(versions=Count("version", distinct=True)).filter(versions=2)
    newest = both.order_by().aggregate(newest=Max("snapshot"))["newest"]
    return DatasetSnapshot.objects.filter(pk=newest).first()


def wanted_snapshot(version: ModelVersion, other: ModelVersion) -> DatasetSnapshot:
    """The newer of the datasets of two versions: its test reports are the ones to compare them on.

    A report never changes its side of the split, so that neither has learned from any of them.
    """
    return max(version.snapshot, other.snapshot, key=lambda snapshot: snapshot.pk)


def latest_pair_run(version: ModelVersion, other: ModelVersion) -> LatestRun | None:
    """The newest request for these two, in either order, however far it is."""
    pair = Q(version=version, other=other) | Q(version=other, other=version)
    run = ComparisonRun.objects.filter(pair).order_by("-pk").first()
    return LatestRun(run, state_of(KIND, run)) if run else None


def request_pair(version: ModelVersion, other: ModelVersion, by: User | None = None) -> ComparisonRun | None:
    """Have both sit the test of the newer one's dataset; None while that is being done. Two at once do no harm."""
    latest = latest_pair_run(version, other)
    if latest and latest.state.at_work:
        return None
    with transaction.atomic():
        run = ComparisonRun.objects.create(
            version=version, other=other, snapshot=wanted_snapshot(version, other), by=by
        )
        jobs.enqueue(KIND, run.pk, queue=QUEUE, priority=Job.Priority.IMPORT)
    return run


def measure_pair(batch: Batch) -> None:
    """Measure what is lacking. Safe to run twice: what was measured stays. An artefact that is gone ends the run."""
    run = ComparisonRun.objects.select_related("version", "other", "snapshot").get(pk=batch.object_ids[0])
    trouble = ""
    if run.status not in {Status.DONE, Status.FAILED}:
        try:
            measure_both(run.version, run.other, run.snapshot, batch.beat)
        except ArtifactUnusable as error:
            trouble = str(error)[:300]
    with transaction.atomic():
        after = Status.FAILED if trouble else Status.DONE
        open_run = ComparisonRun.objects.filter(pk=run.pk).exclude(status__in=[Status.DONE, Status.FAILED])
        open_run.update(status=after, trouble=trouble, finished_at=timezone.now())
        batch.finish()


def measure_both(version: ModelVersion, other: ModelVersion, snapshot: DatasetSnapshot, beat: Beat = silent) -> None:
    """Let both sit the test of a dataset unless they have. Raises ArtifactError."""
    for one in (version, other):
        measure_once(one, snapshot, partial(measure_on_test, snapshot=snapshot, beat=beat), traced=True)
