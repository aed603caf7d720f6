"""Looking for labels that a model trained without them speaks against: asking for it, and the worker's side."""

import math
from itertools import count

from django.db import transaction
from django.utils import timezone

from classifier.ml import doubts as ml
from classifier.ml.features import CHUNK
from classifier.ml.folds import FOLDS
from classifier.ml.taxonomy import Taxonomy
from classifier.models import Doubt, DoubtRun
from classifier.services.analysis_runs import QUEUE, state_of
from classifier.services.labelled import Labelled, read_labelled
from classifier.services.selection import LABELLED
from classifier.services.snapshot import label_paths
from incidents import policy
from incidents.models import Label, User
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND = "find_doubts"
MOST = 50_000  # the newest labels that are looked at: about ten minutes of one core
SEED = 0
Status, State = DoubtRun.Status, Doubt.State


def request_doubts(by: User | None = None) -> DoubtRun | None:
    """Have all standing labels looked at; None while that is being done. Two at one moment do no harm."""
    latest = DoubtRun.objects.order_by("-pk").first()
    if latest and state_of(KIND, latest).at_work:
        return None
    with transaction.atomic():
        run = DoubtRun.objects.create(by=by)
        priority = Job.Priority.WEB if by else Job.Priority.BACKFILL
        jobs.enqueue(KIND, run.pk, queue=QUEUE, priority=priority)
    return run


def request_due_doubts() -> DoubtRun | None:
    """Ask for it once enough was decided since the last run, whatever became of that; asked every round."""
    latest, enough = DoubtRun.objects.order_by("-pk").first(), int(policy.value("doubts_after"))
    decided = Label.objects.filter(verdict__in=LABELLED)
    if latest:
        decided = decided.filter(created_at__gt=latest.created_at)
    due = len(decided.values_list("pk")[:enough]) == enough
    return request_doubts() if due else None


def settle_doubts() -> None:
    """Bring doubts to what became of their labels: changed where another one stands, open again after an undo."""
    replaced = Doubt.objects.filter(state=State.OPEN, label__current_of=None)
    back = Doubt.objects.filter(state=State.CHANGED, label__current_of__isnull=False)
    replaced.update(state=State.CHANGED, settled_at=timezone.now())
    back.update(state=State.OPEN, settled_at=None)


def find_doubts(batch: Batch) -> None:
    """Look at all labels, and store which are doubted. Safe to run twice: what is over stays so."""
    over = {Status.DONE, Status.FAILED}
    for run in DoubtRun.objects.filter(pk__in=batch.object_ids).exclude(status__in=over):
        DoubtRun.objects.filter(pk=run.pk).update(status=Status.RUNNING)
        _carry_out(run, batch)
    if batch.held().exists():
        with transaction.atomic():
            batch.finish()


def _carry_out(run: DoubtRun, batch: Batch) -> None:
    batch.beat({"part": 0, "of": 1})
    read, found = read_labelled(MOST), []
    run.labels, run.status = len(read.labels), Status.DONE
    try:
        found = _found(read, batch)
    except ml.TooFew as error:
        run.status, run.trouble = Status.FAILED, str(error)
    run.finished_at = timezone.now()
    _store(run, [_row(run, read, one) for one in found], batch)


def _found(read: Labelled, batch: Batch) -> list[ml.Doubted]:
    """Without the labels that somebody has looked at and kept."""
    if len(read.path_ids) < 2:
        raise ml.TooFew("At least two different labels are needed to doubt any.")
    parts, done = FOLDS + math.ceil(len(read.examples) / CHUNK), count(1)

    def beat() -> None:
        batch.beat({"part": next(done), "of": parts})

    kept = set(Doubt.objects.filter(state=State.KEPT).values_list("label", flat=True))
    found = ml.find_doubts(read.examples, Taxonomy(label_paths(read.path_ids)), SEED, beat)
    return [one for one in found if read.labels[one.place] not in kept]


def _row(run: DoubtRun, read: Labelled, one: ml.Doubted) -> Doubt:
    return Doubt(
        run=run,
        incident_id=read.incidents[one.place],
        label_id=read.labels[one.place],
        quality=one.quality,
        suggested=[read.path_ids[path] for path in one.suggested],
        probability=one.probability,
        agreeing=one.agreeing,
        neighbours=ml.NEIGHBOURS,
    )


def _store(run: DoubtRun, rows: list[Doubt], batch: Batch) -> None:
    """The new doubts take the place of earlier ones that nobody has settled; labels erased meanwhile are left out."""
    with transaction.atomic():
        run.save()
        if run.status == Status.DONE:
            present = set(Label.objects.filter(pk__in=[row.label_id for row in rows]).values_list("pk", flat=True))
            Doubt.objects.filter(state=State.OPEN).delete()
            Doubt.objects.bulk_create([row for row in rows if row.label_id in present], batch_size=500)
        batch.finish()
