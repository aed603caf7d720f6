"""Erasing: what it would touch, asking for it, and the job that does it stage by stage.

Reports are tombstones from the request on. The job goes through the stages of `Erasure.Stage`; each may be killed at
any point and run again, and the stage that stands in the row tells where it goes on.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.models import ErasedLearning
from classifier.models.version import DETECT
from classifier.services.forgetting import (
    StillLearning,
    clean,
    snapshots_with,
    stop_trainings,
    take_out_rows,
    texts_left,
)
from events.services.erasing_database import DatabaseBusy, compact
from events.services.erasing_detections import take_out_examples, threat_snapshots_with
from events.services.erasing_places import PLACES
from events.services.erasing_quotes import erase_quotes
from events.services.threat_training import texts_learned
from incidents.models import Erasure, Incident, User
from incidents.services import audit
from incidents.services.erasing import bury
from incidents.services.erasing_accounts import erase_account, may_be_erased
from incidents.services.legal_holds import held_among, hold_on_account
from incidents.services.merging import unmerge
from workers import jobs
from workers.jobs import Batch
from workers.models import Job
from workers.runner import AWAY

KIND, QUEUE = "erase", "desk"
MAX_ATTEMPTS = 20  # what is half erased has to be erased: whatever stops it, it goes on
A_PASS = timedelta(hours=1)  # erasures that are asked for within it have the database written anew once
CHUNK = 50  # reports in one transaction
ASKED, DONE, ACCOUNT_ERASED = "erasure.asked_for", "erasure.done", "account.erased"
Stage = Erasure.Stage


class OthersFirst(Exception):
    """Other erasures of the same pass are not that far yet."""


class ErasureRefused(Exception):
    """Nothing was erased; the message says why and what to do."""


AWAY.update((StillLearning, DatabaseBusy, OthersFirst))


def request_erasure(
    ids: Collection[int],
    *,
    reason: str,
    by: User | None,
    account: User | None = None,
    cause: str = Erasure.Cause.PERSON,
) -> Erasure:
    """Make tombstones of these reports and queue the job that erases their words; with `account` also that.

    Raises ErasureRefused: for what is under legal hold, for an account that is no reporter's, without a reason, and
    where there is nothing to erase.
    """
    if not reason.strip():
        raise ErasureRefused(_("Say why it is erased. The reason stays, so do not name anybody in it."))
    with transaction.atomic():
        rows = Incident.objects.select_for_update().not_erased().numbered(ids)
        found = list(rows.order_by("pk").values_list("pk", flat=True))
        _refuse(found, account)
        _take_apart(found, by)
        erasure = Erasure.objects.create(account=account, by=by, reason=reason.strip(), cause=cause)
        erasure.reports = bury(Incident.objects.numbered(found), erasure)
        erasure.save(update_fields=["reports"])
        number = account.pk if account else None
        audit.record(ASKED, actor=by, subject=str(erasure), reports=erasure.reports, account=number)
        jobs.enqueue(KIND, erasure.pk, queue=QUEUE, priority=Job.Priority.IMPORT, max_attempts=MAX_ATTEMPTS)
    return erasure


def job_of(erasure: Erasure) -> Job | None:
    return Job.objects.filter(kind=KIND, object_id=erasure.pk).order_by("-pk").first()


def carry_out(batch: Batch) -> None:
    """The job: from the stage that stands in the row to the end."""
    erasure = Erasure.objects.select_related("account").get(pk=batch.object_ids[0])
    while erasure.stage != Stage.DONE:
        STAGES[Stage(erasure.stage)](erasure, batch)
        _advance(erasure, batch)
    with transaction.atomic():
        batch.finish()


def _refuse(found: Sequence[int], account: User | None) -> None:
    if account and not may_be_erased(account):
        raise ErasureRefused(
            _("Only accounts of reporters are erased. Take the role of this account away first.")
        )  # fmt: skip
    if account and hold_on_account(account):
        raise ErasureRefused(_("This account is under legal hold. Lift the hold first."))
    if held := held_among(found):
        numbers = ", ".join(f"#{pk}" for pk in held[:10])
        raise ErasureRefused(
            _("Under legal hold, so nothing is erased: %(reports)s. Lift the hold first.") % {"reports": numbers}
        )
    if not found and account is None:
        raise ErasureRefused(_("There is nothing to erase: no such report, or it is erased already."))


def _take_apart(ids: Sequence[int], by: User | None) -> None:
    """What is joined to a report that goes stands for itself again, and so does what goes."""
    going = Incident.objects.numbered(ids)
    joined = Incident.objects.filter(status=Incident.Status.MERGED, merged_into__in=going.values("pk"))
    for incident in [*joined, *going.filter(status=Incident.Status.MERGED).exclude(merged_into=None)]:
        incident.refresh_from_db()
        if incident.status == Incident.Status.MERGED:
            unmerge(incident, by=by)


def _advance(erasure: Erasure, batch: Batch) -> None:
    stages = list(Stage)
    following = stages[stages.index(Stage(erasure.stage)) + 1]
    with transaction.atomic():
        if not batch.held().exists():
            raise jobs.LeaseLost
        if following == Stage.DONE:
            _end(erasure)
        else:
            Erasure.objects.filter(pk=erasure.pk).update(stage=following)
    erasure.stage = following


def _end(erasure: Erasure) -> None:
    """Once: whoever writes the database anew ends all that it was written anew for."""
    ended = {"stage": Stage.DONE, "state": Erasure.State.ERASED, "finished_at": timezone.now()}
    if Erasure.objects.filter(pk=erasure.pk, state=Erasure.State.ERASING).update(**ended):
        audit.record(DONE, subject=str(erasure), erasure=erasure.pk, figures=erasure.figures)


def _erase_quotes(erasure: Erasure, batch: Batch) -> None:
    with transaction.atomic():
        _count(erasure, {"quotes": erase_quotes(erasure)})


def _clean_models(erasure: Erasure, batch: Batch) -> None:
    for snapshots in (snapshots_with(erasure), threat_snapshots_with(erasure)):
        stop_trainings(snapshots)
    with transaction.atomic():
        _count(erasure, {"dataset_rows": take_out_rows(erasure), "examples": take_out_examples(erasure)})
    waiting = ErasedLearning.objects.filter(erasure=erasure, state=ErasedLearning.State.WAITING)
    of_threats, of_reports = lru_cache(maxsize=1)(texts_learned), lru_cache(maxsize=1)(texts_left)
    for learning in waiting.select_related("version__snapshot").order_by("version__snapshot", "pk"):
        batch.beat({"model": learning.version.name})
        clean(learning, of_threats if learning.version.line == DETECT else of_reports)


def _erase_reports(erasure: Erasure, batch: Batch) -> None:
    for ids in _chunks(erasure):
        batch.beat()
        with transaction.atomic():
            _count(erasure, {place.name: place.erase(ids) for place in PLACES})


def _erase_account(erasure: Erasure, batch: Batch) -> None:
    account = erasure.account
    if account is None:
        return
    with transaction.atomic():
        erase_account(account)
        audit.record(ACCOUNT_ERASED, subject=audit.about(account), erasure=erasure.pk)
        _count(erasure, {"accounts": 1})


def _compact(erasure: Erasure, batch: Batch) -> None:
    """Once for all erasures of a pass, by the last one that comes here. Raises OthersFirst.

    Once more through all places first: a worker that held a report at the time may have written after us.
    """
    if _others_before(erasure):
        raise OthersFirst(_("The database is written anew once for this and other erasures that are at work."))
    here = list(Erasure.objects.filter(state=Erasure.State.ERASING, stage=Stage.DATABASE).order_by("pk"))
    if erasure not in here:  # another one has done it for this one meanwhile
        return
    for one in here:
        for ids in _chunks(one):
            batch.beat()
            with transaction.atomic():
                for place in PLACES:
                    place.erase(ids)
    compact()
    with transaction.atomic():
        for one in here:
            _end(one)


def _others_before(erasure: Erasure) -> bool:
    """Whether others of its pass are at work on an earlier stage. One whose job has failed keeps nobody waiting."""
    asked = Erasure.objects.filter(state=Erasure.State.ERASING, created_at__lt=erasure.created_at + A_PASS)
    at_work = Job.objects.open().filter(kind=KIND).values("object_id")
    return asked.exclude(stage=Stage.DATABASE).filter(pk__in=at_work).exists()


STAGES: Mapping[Stage, Callable[[Erasure, Batch], None]] = {
    Stage.QUOTES: _erase_quotes,
    Stage.MODELS: _clean_models,
    Stage.REPORTS: _erase_reports,
    Stage.ACCOUNT: _erase_account,
    Stage.DATABASE: _compact,
}


def _chunks(erasure: Erasure) -> Iterator[list[int]]:
    ids = iter(list(erasure.incidents.order_by("pk").values_list("pk", flat=True)))
    while part := list(islice(ids, CHUNK)):
        yield part


def _count(erasure: Erasure, found: Mapping[str, int]) -> None:
    """In the transaction that erased so much, so that nothing counts twice."""
    for name, number in found.items():
        if number:
            erasure.figures[name] = erasure.figures.get(name, 0) + number
    erasure.save(update_fields=["figures"])
