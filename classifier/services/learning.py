"""Measuring what more labels would bring: asking for it, the worker's side, and the figures for all who ask."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from classifier.ml import learning_curve as ml
from classifier.ml.learning_curve import Curve, Verdict
from classifier.ml.taxonomy import Taxonomy
from classifier.models import LearningRun
from classifier.services.analysis_runs import QUEUE, RunState, state_of
from classifier.services.labelled import read_labelled
from classifier.services.selection import LABELLED
from classifier.services.snapshot import label_paths
from incidents import policy
from incidents.models import Label, User
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND = "measure_learning"
MOST = 20_000  # the newest labels that are looked at: some minutes of one core
SEED = 0
Status = LearningRun.Status


def request_learning(by: User | None = None) -> LearningRun | None:
    """Have the curves measured; None while that is being done. Two at one moment do no harm."""
    latest = _latest()
    if latest and state_of(KIND, latest).at_work:
        return None
    with transaction.atomic():
        run = LearningRun.objects.create(by=by)
        priority = Job.Priority.WEB if by else Job.Priority.BACKFILL
        jobs.enqueue(KIND, run.pk, queue=QUEUE, priority=priority)
    return run


def request_due_learning() -> LearningRun | None:
    """Ask for it once enough was decided since the last run, whatever became of that; asked every round."""
    enough = int(policy.value("learning_after"))
    return request_learning() if _decided_since(_latest(), enough) == enough else None


def measure_learning(batch: Batch) -> None:
    """Measure the curves of all labels, and store them. Safe to run twice: what is over stays so."""
    over = {Status.DONE, Status.FAILED}
    for run in LearningRun.objects.filter(pk__in=batch.object_ids).exclude(status__in=over):
        LearningRun.objects.filter(pk=run.pk).update(status=Status.RUNNING)
        _carry_out(run, batch)
    if batch.held().exists():
        with transaction.atomic():
            batch.finish()


@dataclass(frozen=True)
class Learning:
    """`run` is the newest that ended well, with its curves; `state` how far the newest of all is. None before any.

    `since` labels were given after that run.
    """

    run: LearningRun | None
    curves: list[Curve]
    state: RunState | None
    since: int

    def of(self, view: str) -> Curve | None:
        """The mean over the classes of a view."""
        return next((one for one in self.curves if one.view == view and not one.label), None)

    def classes(self, view: str) -> list[Curve]:
        """What helps most comes first: starving ones by how little they have, then by what the next labels bring."""
        return sorted((one for one in self.curves if one.view == view and one.label), key=_worth)


def learning() -> Learning:
    run, latest = LearningRun.objects.filter(status=Status.DONE).order_by("-pk").first(), _latest()
    curves = (
        [Curve(**{**one, "counts": tuple(one["counts"]), "f1": tuple(one["f1"])}) for one in run.curves] if run else []
    )
    return Learning(run, curves, state_of(KIND, latest) if latest else None, _decided_since(run) if run else 0)


def learning_figures() -> dict[str, Any]:
    """What JSON can hold; numbers and names, no report's text."""
    found = learning()
    return {
        "status": found.state.status if found.state else None,
        "trouble": found.state.trouble if found.state else "",
        "measured_at": found.run.finished_at.isoformat() if found.run and found.run.finished_at else None,
        "labels": found.run.labels if found.run else 0,
        "labels_since": found.since,
        "rules": {
            "fewest_of_class": ml.FEWEST_OF_CLASS, "worth": ml.WORTH, "good": ml.GOOD, "next": ml.NEXT,
        },
        "overall": [one.to_json() for view in ml.VIEWS if (one := found.of(view))],
        "classes": [one.to_json() for view in ml.VIEWS for one in found.classes(view)],
    }  # fmt: skip


_ORDER = (Verdict.STARVING, Verdict.RISING, Verdict.UNKNOWN, Verdict.FLAT, Verdict.ENOUGH)


def _worth(curve: Curve) -> tuple[int, float, str]:
    by = float(curve.labels) if curve.gain is None else -curve.gain
    return _ORDER.index(Verdict(curve.verdict)), by, curve.label


def _latest() -> LearningRun | None:
    return LearningRun.objects.order_by("-pk").first()


def _decided_since(run: LearningRun | None, most: int | None = None) -> int:
    decided = Label.objects.filter(verdict__in=LABELLED)
    if run:
        decided = decided.filter(created_at__gt=run.created_at)
    return decided.count() if most is None else len(decided.values_list("pk")[:most])


def _carry_out(run: LearningRun, batch: Batch) -> None:
    parts, done = ml.FOLDS * len(ml.FRACTIONS), count(1)

    def beat() -> None:
        batch.beat({"part": next(done), "of": parts})

    batch.beat({"part": 0, "of": parts})
    read = read_labelled(MOST)
    run.labels, run.status = len(read.labels), Status.DONE
    try:
        if len(read.path_ids) < 2:
            raise ml.TooFew("At least two different labels are needed for a learning curve.")
        curves = ml.learning_curves(read.examples, Taxonomy(label_paths(read.path_ids)), SEED, beat)
        run.curves = [curve.to_json() for curve in curves]
    except ml.TooFew as error:
        run.status, run.trouble = Status.FAILED, str(error)
    run.finished_at = timezone.now()
    with transaction.atomic():
        run.save()
        batch.finish()
