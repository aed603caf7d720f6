"""Whether the champion's promises are kept, on reports that people decide unseen. An alarm proposes, it never acts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.ml.promise import LEVEL, evidence
from classifier.ml.taxonomy import category_text
from classifier.ml.taxonomy_map import Reading
from classifier.models import ActingPolicy, Prediction, PromiseAlarm, PromiseKind, Promotion
from classifier.services.acting import in_force
from classifier.services.asking import DESK_QUEUE
from classifier.services.report_drift import Settled, in_charge
from classifier.services.snapshot import label_paths
from classifier.wording import share
from incidents.models import AuditEvent, Label, Path, User
from workers import jobs
from workers.models import Job

TELL, ACKNOWLEDGED = "tell_promise", "model.promise_acknowledged"
NEWEST = timedelta(minutes=10)  # a decision is looked at in some round of the sweeper's within this
MOST = 5_000  # blind reports since the promotion that are looked at
LABELLED = (Label.Verdict.CONFIRM, Label.Verdict.CORRECT)
State = PromiseAlarm.State


@dataclass(frozen=True)
class Kept:
    """How far a promise is kept: of `reports` blind ones it was of `kept`. `promised`: the newest report's share."""

    kind: PromiseKind
    promised: float
    kept: int
    reports: int
    evidence: float

    @classmethod
    def of(cls, alarm: PromiseAlarm) -> "Kept":
        """As it was when the alarm opened."""
        return cls(PromiseKind(alarm.kind), alarm.promised, alarm.kept, alarm.reports, alarm.evidence)

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


@dataclass(frozen=True)
class _Seen:
    """One blind report: what the champion had said, and what a person then decided."""

    prediction: Prediction
    truth: frozenset[int]
    reading: Reading  # both are compared in the taxonomy of today

    @property
    def right(self) -> bool:
        return frozenset(self.reading.ids(self.prediction.path_ids)) == self.truth

    @property
    def covered(self) -> bool:
        return self.truth <= frozenset(self.reading.ids(self.prediction.candidate_ids))


def kept_promises() -> list[Kept]:
    """Of the champion since its promotion: its label sets, and, where the policy in force accepts, its error."""
    promotion, policy = in_charge(), in_force()
    if promotion is None:
        return []
    found = [_coverage(_seen(promotion))]
    if policy and policy.auto_accept and policy.version_id == promotion.version_id:
        found.append(_error(_seen(promotion, policy), policy, promotion))
    return found


def watch_promises() -> None:
    """Supersede alarms of other champions and policies, and open those that are due; asked every round."""
    promotion, policy = in_charge(), in_force()
    other = ~Q(promotion=promotion) | Q(kind=PromiseKind.ERROR) & ~Q(policy=policy)
    PromiseAlarm.objects.filter(other, state=State.OPEN).update(state=State.SUPERSEDED, settled_at=timezone.now())
    if promotion is None or not _audited(promotion).filter(created_at__gte=timezone.now() - NEWEST).exists():
        return
    for one in kept_promises():
        if one.is_broken:
            _open(one, promotion, policy if one.kind == PromiseKind.ERROR else None)


def broken_promises() -> list[Kept]:
    """As they were when their alarms opened; one query."""
    return [Kept.of(alarm) for alarm in PromiseAlarm.objects.filter(state=State.OPEN).order_by("pk")]


def acknowledge(alarm: PromiseAlarm, *, by: User, note: str) -> None:
    """A person says that it is all right. The same is told no second time. Raises Settled."""
    with transaction.atomic():
        opened = PromiseAlarm.objects.filter(pk=alarm.pk, state=State.OPEN)
        if not opened.update(state=State.ACKNOWLEDGED, by=by, note=note, settled_at=timezone.now()):
            raise Settled(_("This alarm was settled meanwhile."))
        detail = {"alarm": alarm.pk, "kind": alarm.kind, "note": note}
        AuditEvent.objects.create(kind=ACKNOWLEDGED, actor=by, subject=alarm.promotion.version.name, detail=detail)


def _coverage(seen: Sequence[_Seen]) -> Kept:
    told = [one for one in seen if one.prediction.coverage is not None and one.prediction.candidate_ids]
    promised = [one.prediction.coverage or 0.0 for one in told]
    against = evidence([not one.covered for one in told], [1 - share for share in promised])
    return Kept(
        PromiseKind.COVERAGE,
        promised[-1] if promised else 0.9,
        sum(one.covered for one in told),
        len(told),
        against,
    )


def _error(seen: Sequence[_Seen], policy: ActingPolicy, promotion: Promotion) -> Kept:
    """Of the blind reports that would have been accepted; each against the error accepted of its category."""
    names = dict(
        zip(promotion.version.snapshot.path_ids, label_paths(promotion.version.snapshot.path_ids), strict=True)
    )
    taken, allowed = [], []
    for one in seen:
        category = category_text([names[pk] for pk in one.prediction.path_ids if pk in names])
        high = policy.highs.get(category)
        if high is not None and one.prediction.confidence >= high and not one.prediction.unsure:
            taken.append(one)
            allowed.append(policy.errors.get(category, policy.error))
    against = evidence([not one.right for one in taken], allowed)
    return Kept(PromiseKind.ERROR, 1 - policy.error, sum(one.right for one in taken), len(taken), against)


def _audited(promotion: Promotion) -> "QuerySet[Label]":
    return Label.objects.of_the_audit().filter(
        shown_model=promotion.version.name, verdict__in=LABELLED, created_at__gte=promotion.created_at
    )


def _seen(promotion: Promotion, policy: ActingPolicy | None = None) -> list[_Seen]:
    """In the order of the decisions; those since a policy was saved, as its thresholds may follow from earlier ones."""
    labels = _audited(promotion)
    labels = labels.filter(created_at__gte=policy.created_at) if policy else labels
    texts = dict(labels.order_by("pk").values_list("pk", "text_revision")[:MOST])
    chosen: dict[int, set[int]] = defaultdict(set)
    links = Label.paths.through.objects.filter(label__in=labels.order_by("pk").values("pk")[:MOST])
    for label, path in links.values_list("label_id", "path_id"):
        chosen[label].add(path)
    wanted = Prediction.objects.filter(version=promotion.version_id, text_revision__in=labels.values("text_revision"))
    read = {one.text_revision_id: one for one in wanted.defer("distribution")}
    reading = Path.objects.reading()
    return [
        _Seen(read[text], frozenset(truth), reading)
        for label, text in texts.items()
        if text in read and (truth := reading.ids(chosen[label]))
    ]


def _open(kept: Kept, promotion: Promotion, policy: ActingPolicy | None) -> None:
    """Once of each promise: what was acknowledged is told no second time."""
    if PromiseAlarm.objects.filter(kind=kept.kind, promotion=promotion, policy=policy).exists():
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
