"""Whether the champion's promises are kept, on reports that people decide unseen. An alarm proposes, it never acts."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.ml.promise import LEVEL, left_possible
from classifier.ml.taxonomy import category_text
from classifier.models import ActingPolicy, PromiseAlarm, PromiseKind, PromiseWatch, Promotion
from classifier.services.acting import in_force
from classifier.services.asking import DESK_QUEUE
from classifier.services.blind_evidence import PromiseMade, Seen, Word, audited, watched
from classifier.services.policy_today import policy_today
from classifier.services.report_drift import Settled, in_charge
from classifier.services.snapshot import label_paths
from classifier.wording import share
from incidents import policy as settings
from incidents.models import AuditEvent, Path, Retraction, TaxonomyStep, User
from workers import jobs
from workers.models import Job

TELL, ACKNOWLEDGED = "tell_promise", "model.promise_acknowledged"
NEWEST = timedelta(minutes=10)  # a decision is looked at in some round of the sweeper's within this
State = PromiseAlarm.State


@dataclass(frozen=True)
class Kept:
    """How far a promise is kept: of `reports` blind ones it was of `kept`."""

    kind: PromiseKind
    promised: float
    kept: int
    reports: int
    evidence: float

    @classmethod
    def of(cls, row: PromiseAlarm | PromiseWatch) -> "Kept":
        """As it was when the alarm opened, or is by the row of the promise."""
        return cls(PromiseKind(row.kind), row.promised, row.kept, row.reports, row.evidence)

    @property
    def is_broken(self) -> bool:
        return self.evidence >= 1 / LEVEL

    @property
    def words(self) -> str:
        figures = {"promised": share(self.promised), "n": self.reports}
        if not self.reports:
            return _("Promised %(promised)s; no report decided unseen says anything of it yet.") % figures
        figures["kept"] = share(self.kept / self.reports)
        if self.is_broken:
            told = _("Promised %(promised)s, kept %(kept)s of %(n)s blind reports: the promise no longer holds.")
        else:
            told = _("Promised %(promised)s, kept %(kept)s of %(n)s blind reports: nothing speaks against the promise.")
        return told % figures


def promises_made() -> list[PromiseMade]:
    """What is promised now."""
    promotion, policy = in_charge(), in_force()
    if promotion is None:
        return []
    made = [_coverage(promotion)]
    if policy and policy.auto_accept and policy.version_id == promotion.version_id:
        made.append(_error(policy, promotion))
    return made


def kept_promises() -> list[Kept]:
    """Of the champion since its promotion: its label sets, and, where the policy in force accepts, its error."""
    return [Kept.of(watched(made).row) for made in promises_made()]


def watch_promises() -> None:
    """Supersede alarms of what is promised no longer, and open those that are due; asked every round."""
    made = promises_made()
    promised = Q(pk=None)
    for one in made:
        promised |= Q(kind=one.kind, promotion=one.promotion, policy=one.policy, promised=one.promised)
    outdated = PromiseAlarm.objects.filter(state=State.OPEN).exclude(promised)
    outdated.update(state=State.SUPERSEDED, settled_at=timezone.now())
    if not made or not _has_stirred(made[0].promotion):
        return
    for one in made:
        found = watched(one)
        with transaction.atomic():
            if found.keep() and Kept.of(found.row).is_broken:
                _open(Kept.of(found.row), one.promotion, one.policy)


def broken_promises() -> list[Kept]:
    """As they were when their alarms opened; one query."""
    return [Kept.of(alarm) for alarm in PromiseAlarm.objects.filter(state=State.OPEN).order_by("pk")]


def acknowledge(alarm: PromiseAlarm, *, by: User, note: str) -> None:
    """A person says that it is all right. The same is told no second time. Raises Settled."""
    with transaction.atomic():
        opened = PromiseAlarm.objects.filter(pk=alarm.pk, state=State.OPEN)
        if not opened.update(state=State.ACKNOWLEDGED, by=by, note=note, settled_at=timezone.now()):
            raise Settled(_("This alarm was settled meanwhile."))
        detail = {"alarm": alarm.pk, "kind": alarm.kind}
        AuditEvent.objects.create(kind=ACKNOWLEDGED, actor=by, subject=alarm.promotion.version.name, detail=detail)


def _has_stirred(promotion: Promotion) -> bool:
    """Whether there is something to read anew: a decision, one that was undone, or a step of the taxonomy."""
    since = timezone.now() - NEWEST
    newest = [rows.order_by("-pk").first() for rows in (Retraction.objects, TaxonomyStep.objects)]
    lately = any(one is not None and one.created_at >= since for one in newest)
    return lately or audited(promotion).filter(created_at__gte=since).exists()


def _coverage(promotion: Promotion) -> PromiseMade:
    """Of the coverage that is set now: a prediction made under another one had promised something else."""
    coverage = float(settings.value("coverage"))
    calibrated = promotion.version.snapshot.counts.get("validation", 0)

    def word(one: Seen, row: PromiseWatch) -> Word | None:
        if one.prediction.coverage != coverage or not one.prediction.candidate_ids:
            return None
        possible = left_possible(coverage, calibrated, row.missed, row.reports)
        return Word(not one.covered, 1 - coverage, float(possible))

    return PromiseMade(PromiseKind.COVERAGE, promotion, None, coverage, word)


def _error(policy: ActingPolicy, promotion: Promotion) -> PromiseMade:
    """Of the blind reports that would have been accepted; each against the error accepted of its category. What rests
    is promised nothing.
    """
    today, known = policy_today(policy), Path.objects.reading().ids(promotion.version.snapshot.path_ids)
    names = dict(zip(known, label_paths(known), strict=True))

    def word(one: Seen, row: PromiseWatch) -> Word | None:
        category = category_text([names[pk] for pk in one.decided if pk in names])
        high = today.highs.get(category)
        if high is None or one.prediction.confidence < high or one.prediction.unsure:
            return None
        error = today.errors.get(category, policy.error)
        return Word(not one.right, error, error)

    return PromiseMade(PromiseKind.ERROR, promotion, policy, 1 - policy.error, word)


def _open(kept: Kept, promotion: Promotion, policy: ActingPolicy | None) -> None:
    """Once of each promise: what was acknowledged is told no second time."""
    told = PromiseAlarm.objects.filter(kind=kept.kind, promotion=promotion, policy=policy, promised=kept.promised)
    if told.exists():
        return
    with transaction.atomic():
        alarm = PromiseAlarm.objects.create(
            kind=kept.kind,
            promotion=promotion,
            policy=policy,
            promised=kept.promised,
            kept=kept.kept,
            reports=kept.reports,
            evidence=kept.evidence,
        )
        jobs.enqueue(TELL, alarm.pk, queue=DESK_QUEUE, priority=Job.Priority.IMPORT)
