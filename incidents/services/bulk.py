"""One verdict for many reports: frozen when it is asked for, given in chunks by a job, taken back by another.

A run draws no second opinions: nobody has looked at each report, so there is no first one to compare with.

A chunk is one transaction. Killed between two of them, the job goes on where it was; run twice, it decides nothing
twice: the chunk's items are marked with what was decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.models import Prediction
from classifier.services.reading import latest_predictions
from incidents import policy
from incidents.models import BulkItem, BulkRun, Incident, Label, Path, ReporterMessage, SecondOpinion, User
from incidents.models.taxonomy import present_paths
from incidents.services import audit, decisions
from incidents.services.decisions import UNHELD, Decision
from workers import jobs
from workers.models import Job

BULK, BULK_REVERT, DESK_QUEUE = "bulk", "bulk_revert", "desk"
CHUNK = 250  # reports in one transaction: others wait for a writer of SQLite no longer than that takes
MAX_ATTEMPTS = 5
Status, Incidents = BulkRun.Status, Incident.objects
OPEN = (Status.QUEUED, Status.RUNNING, Status.REVERTING)
ENDED = (Status.DONE, Status.CANCELLED, Status.FAILED)
DECIDABLE = (Incident.Status.NEW, Incident.Status.CLASSIFIED, Incident.Status.SECOND_LOOK, Incident.Status.IN_REVIEW)


class BulkRefused(Exception):
    """No run was started, stopped or taken back; the message says why."""


@dataclass(frozen=True)
class Wish:
    """What all of the reports are to get: as suggested (no verdict), the paths given, or a rejection."""

    verdict: str = ""
    paths: Sequence[Path] = ()
    reason: str = ""

    @property
    def as_suggested(self) -> bool:
        return not self.verdict


def decidable(rows: "QuerySet[Incident]", user: User, wish: Wish) -> "QuerySet[Incident]":
    """Those of the reports that a run of this person may decide: `for_runs`, and held by nobody else."""
    free = rows.order_by().filter(free_for(user), for_runs())
    return free.exclude(current_model="") if wish.as_suggested else free


def free_for(user: User) -> Q:
    """As `IncidentQuerySet.claimable_by`, for rows of any list."""
    return Q(claimed_by=None) | Q(claimed_by=user) | Q(claim_expires_at__lt=timezone.now())


def for_runs() -> Q:
    """Undecided reports that need nobody to look closer: not blind, not disputed, and their reporter said no more."""
    return Q(status__in=DECIDABLE, blind=False) & ~disputed() & ~asked_about()


def disputed() -> Q:
    """As `IncidentQuerySet.undisputed` leaves out, for rows of any list: asked for once, not of each row."""
    return Q(pk__in=SecondOpinion.objects.filter(state=SecondOpinion.State.DISPUTED).values("incident"))


def asked_about() -> Q:
    """Reports whose reporter called the decision wrong, or added facts, and nobody has decided them since."""
    return Q(pk__in=ReporterMessage.objects.waiting().values("incident"))


def start(rows: "QuerySet[Incident]", wish: Wish, *, by: User, query: str = "") -> BulkRun:
    """Freeze which reports, and queue the run. Raises BulkRefused when there is none to decide."""
    with transaction.atomic():
        ids = list(decidable(rows, by, wish).order_by("pk").values_list("pk", flat=True))
        if not ids:
            raise BulkRefused(_("None of these reports can be decided now."))
        run = BulkRun.objects.create(
            by=by, query=query, verdict=wish.verdict, reason=wish.reason, total=len(ids)
        )  # fmt: skip
        run.paths.set(wish.paths)
        BulkItem.objects.bulk_create((BulkItem(run=run, incident_id=pk) for pk in ids), batch_size=1000)
        audit.record("bulk.started", actor=by, subject=str(run), run=run.pk, reports=len(ids), verdict=wish.verdict)
        _enqueue(BULK, run)
    return run


def may_end(run: BulkRun, user: User) -> bool:
    """Whether this person may stop the run or take it back: who started it, leads and admins."""
    return run.by_id == user.pk or user.has_perm("incidents.change_bulkrun")


def cancel(run: BulkRun, *, by: User) -> bool:
    """Stop a run before its next chunk; what is decided stands. False when it is over already. Raises BulkRefused."""
    _check_may_end(run, by)
    job = job_of(run)
    if run.status not in (Status.QUEUED, Status.RUNNING) or job is None or not jobs.cancel(job):
        return False
    audit.record("bulk.cancelled", actor=by, subject=str(run), run=run.pk)
    settle_bulk_runs()
    return True


def revert(run: BulkRun, *, by: User) -> None:
    """Have each decision of a run that still stands undone. Raises BulkRefused while it runs, when it was, and for
    people who may not.
    """
    _check_may_end(run, by)
    with transaction.atomic():
        over = BulkRun.objects.filter(pk=run.pk, status__in=ENDED)
        if not over.update(status=Status.REVERTING, reverted_by=by, finished_at=None):
            raise BulkRefused(_("This run cannot be taken back now: it is still running, or was taken back already."))
        audit.record("bulk.revert_asked_for", actor=by, subject=str(run), run=run.pk)
        _enqueue(BULK_REVERT, run)


def job_of(run: BulkRun) -> Job | None:
    """The job that decides, or, from then on, the one that takes back."""
    kind = BULK_REVERT if run.status in (Status.REVERTING, Status.REVERTED) else BULK
    return Job.objects.filter(kind=kind, object_id=run.pk).order_by("-pk").first()


def settle_bulk_runs() -> None:
    """Bring runs to what became of their jobs when these were cancelled while they waited, or failed for good."""
    for run in BulkRun.objects.filter(status__in=OPEN):
        job = job_of(run)
        if job is None or job.status in (Job.Status.FAILED, Job.Status.CANCELLED):
            cancelled = job is not None and job.status == Job.Status.CANCELLED
            called_off = cancelled and run.status != Status.REVERTING
            _end(run, run.status, Status.CANCELLED if called_off else Status.FAILED)


def carry_out(batch: jobs.Batch) -> None:
    """Decide the reports of a run, a chunk at a time. A run that was called off ends as cancelled."""
    run = BulkRun.objects.select_related("by").get(pk=batch.object_ids[0])
    waiting = BulkRun.objects.filter(pk=run.pk, status__in=[Status.QUEUED, Status.CANCELLED, Status.FAILED])
    waiting.update(status=Status.RUNNING, finished_at=None)
    run.refresh_from_db(fields=["status"])
    wish = Wish(run.verdict, present_paths(run.paths.with_names()), run.reason)
    try:
        while run.status == Status.RUNNING and (ids := _next_items(run)):
            batch.beat()
            _decide_chunk(run, wish, ids, batch)
    except jobs.CancelRequested:
        _end(run, Status.RUNNING, Status.CANCELLED)
        raise
    with transaction.atomic():
        batch.finish()
        _end(run, Status.RUNNING, Status.DONE)


def take_back(batch: jobs.Batch) -> None:
    """Undo the decisions of a run that still stand on their reports, a chunk at a time.

    What somebody decided anew since, or holds at the moment, stays as it is.
    """
    run = BulkRun.objects.select_related("reverted_by").get(pk=batch.object_ids[0])
    last = 0
    while run.status == Status.REVERTING and (ids := _standing(run, last)):
        batch.beat()
        _take_back_chunk(run, ids, batch)
        last = ids[-1]
    with transaction.atomic():
        batch.finish()
        _end(run, Status.REVERTING, Status.REVERTED)


def _check_may_end(run: BulkRun, by: User) -> None:
    if not may_end(run, by):
        who = {"who": run.by or _("somebody who is gone")}
        raise BulkRefused(_("%(who)s started this run: only they, leads and admins stop it or take it back.") % who)


def _enqueue(kind: str, run: BulkRun) -> None:
    jobs.enqueue(kind, run.pk, queue=DESK_QUEUE, priority=Job.Priority.WEB, max_attempts=MAX_ATTEMPTS)


def _next_items(run: BulkRun) -> list[int]:
    waiting = run.items.filter(done=False).order_by("pk")
    return list(waiting.values_list("incident_id", flat=True)[:CHUNK])


def _decide_chunk(run: BulkRun, wish: Wish, ids: Sequence[int], batch: jobs.Batch) -> None:
    with transaction.atomic():
        _still_ours(batch)
        said = latest_predictions(ids)
        suggested = _suggested_paths(said)
        held = _hold(run, [pk for pk in ids if not wish.as_suggested or suggested.get(pk)])
        given = [_decision(one, wish, said.get(one.pk), suggested) for one in held]
        if given:
            assert run.by is not None, "only a person's run holds reports"
            decisions.record(given, reviewer=run.by, bulk=run)
        run.items.filter(incident__in=ids).update(done=True)
        left_out = len(ids) - len(given)
        BulkRun.objects.filter(pk=run.pk).update(decided=F("decided") + len(given), left_out=F("left_out") + left_out)


def _hold(run: BulkRun, ids: Sequence[int]) -> list[Incident]:
    """Hold those of the reports that may still be decided, as a person does who reviews them."""
    if run.by is None or not run.by.is_active or not run.by.has_perm("incidents.review_incident"):
        return []  # whoever may not decide any more decides nothing through a run either
    free = Incidents.filter(for_runs(), pk__in=ids)
    free.hold(run.by, policy.value("claim_minutes"))
    return list(free.filter(status=Incident.Status.IN_REVIEW, claimed_by=run.by))


def _suggested_paths(said: dict[int, Prediction]) -> dict[int, list[Path]]:
    """What is suggested for each report, by its number; nothing where a label of it was split since."""
    paths = Path.objects.live().in_bulk({pk for one in said.values() for pk in one.path_ids})
    return {
        number: [paths[pk] for pk in one.path_ids] if all(pk in paths for pk in one.path_ids) else []
        for number, one in said.items()
    }


def _decision(incident: Incident, wish: Wish, said: Prediction | None, suggested: dict[int, list[Path]]) -> Decision:
    if wish.as_suggested:
        return Decision(incident, Label.Verdict.CONFIRM, suggested[incident.pk], said, wish.reason)
    return Decision(incident, wish.verdict, wish.paths, said, wish.reason)


def _standing(run: BulkRun, after: int) -> list[int]:
    """Numbers of the next labels of a run that are the present verdict of their reports."""
    standing = Label.objects.standing().filter(bulk=run, current_of__isnull=False, pk__gt=after)
    return list(standing.order_by("pk").values_list("pk", flat=True)[:CHUNK])


def _take_back_chunk(run: BulkRun, label_ids: Sequence[int], batch: jobs.Batch) -> None:
    with transaction.atomic():
        _still_ours(batch)
        free = Incidents.filter(current_label__in=label_ids).claimable_by(run.reverted_by)
        incidents = list(free.select_for_update(of=("self",)).select_related("current_label").order_by("pk"))
        labels = [_with(one) for one in incidents]
        decisions.take_back(labels, by=run.reverted_by)
        for status in {one.status_at_rest() for one in incidents}:
            there = [one.pk for one in incidents if one.status_at_rest() == status]
            Incidents.filter(pk__in=there).update(status=status, **UNHELD)
        BulkRun.objects.filter(pk=run.pk).update(reverted=F("reverted") + len(labels))


def _with(incident: Incident) -> Label:
    """The label that stands on a report, knowing the very object whose pointer will move."""
    assert incident.current_label is not None, "it was looked up by its label"
    incident.current_label.incident = incident
    return incident.current_label


def _still_ours(batch: jobs.Batch) -> None:
    """Before a chunk is written, with the job's row locked until it is: a worker that was given up writes nothing."""
    if batch.renew() != len(batch.jobs):
        raise jobs.LeaseLost


def _end(run: BulkRun, before: str, after: str) -> None:
    BulkRun.objects.filter(pk=run.pk, status=before).update(status=after, finished_at=timezone.now())
