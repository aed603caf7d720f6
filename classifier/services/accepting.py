"""Accepting reports automatically: a state of its own, no label, no person, and nothing learns from it."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from classifier.ml.acting import ACCEPT, band
from classifier.ml.taxonomy import category_text
from classifier.models import Acceptance, ActingPolicy, ModelVersion, Prediction
from classifier.services.acting import acts_with
from classifier.services.policy_today import policy_today
from classifier.services.snapshot import label_paths
from incidents.models import AuditEvent, Incident, Label, Path, ReporterMessage, User

Status = Incident.Status
STATUS_CHANGED, SENT_BACK = "incident.status_changed", "model.acceptances_sent_back"


def accept(champion: ModelVersion, predictions: Sequence[Prediction], unlike: Collection[int]) -> None:
    """Accept the reports of these new predictions that the policy lets pass; call it in their transaction. `unlike`:
    the numbers of text revisions that are `unlike_measured`.

    Never those that are drawn for the audit, that a person held or decided or sent back before, whose reporter waits
    for an answer, whose text is unlike what the thresholds were measured on (hidden characters, far longer), or that
    come from the event stream: what their verdict does there, a person decides.
    """
    policy = acts_with(champion) if predictions else None
    if policy is None:
        return
    highs, divided = policy_today(policy).highs, Path.objects.reading().divided
    wanted = sorted({pk for one in predictions for pk in one.path_ids})
    names = dict(zip(wanted, label_paths(wanted), strict=True))
    passing = {}
    for one in predictions:
        category = category_text([names[pk] for pk in one.path_ids])
        told_apart = divided.isdisjoint(one.path_ids)  # else a person has to say into which part
        covered = told_apart and one.text_revision_id not in unlike
        if covered and not one.unsure and band(one.confidence, one.threshold, highs.get(category)) == ACCEPT:
            passing[one.incident_id] = one
    taken = _free(passing)
    Acceptance.objects.bulk_create(Acceptance(incident_id=pk, prediction=passing[pk], policy=policy) for pk in taken)
    Incident.objects.filter(pk__in=taken).update(status=Status.ACCEPTED)
    _note(taken, Status.CLASSIFIED, Status.ACCEPTED, policy=policy.pk)


def take_back_reread(predictions: Sequence[Prediction]) -> None:
    """What was accepted and is read anew, as its text has changed, returns to the queue; before it is said anew."""
    end_acceptances([one.incident_id for one in predictions], return_to=Status.CLASSIFIED)


def end_acceptances(ids: Collection[int], *, by: User | None = None, return_to: str = "") -> int:
    """End what stands of the acceptances of these reports; `return_to`: where those go that are still accepted."""
    open_ones = Acceptance.objects.filter(incident__in=list(ids), ended_at=None)
    found = list(open_ones.values_list("incident", flat=True))
    if not found:
        return 0
    open_ones.update(ended_at=timezone.now(), ended_by=by)
    if return_to:
        there = Incident.objects.filter(pk__in=found, status=Status.ACCEPTED)
        moved = list(there.values_list("pk", flat=True))
        there.update(status=return_to)
        _note(moved, Status.ACCEPTED, return_to, by=by)
    return len(found)


def send_back(policy: ActingPolicy, *, by: User) -> int:
    """Return what was accepted under a policy, and nobody has looked at since, to the queue; how many that were."""
    with transaction.atomic():
        ids = list(standing().filter(policy=policy).values_list("incident", flat=True))
        if ids:
            end_acceptances(ids, by=by, return_to=Status.CLASSIFIED)
            detail = {"policy": policy.pk, "reports": len(ids)}
            AuditEvent.objects.create(kind=SENT_BACK, actor=by, subject=str(policy), detail=detail)
    return len(ids)


def standing() -> "QuerySet[Acceptance]":
    """Those that nobody has looked at since."""
    return Acceptance.objects.filter(ended_at=None, incident__status=Status.ACCEPTED)


def standing_by_policy() -> dict[int, int]:
    """How many reports stand accepted under each policy, by its number."""
    counted = standing().order_by().values_list("policy").annotate(n=Count("pk"))
    return dict(counted)


def _free(ids: Collection[int]) -> list[int]:
    waiting = Incident.objects.filter(
        pk__in=list(ids), status=Status.CLASSIFIED, blind=False, current_label=None, claimed_by=None
    )
    known = waiting.exclude(source=Incident.Source.DETECTION).filter(
        ~Exists(Label.objects.filter(incident=OuterRef("pk"))),
        ~Exists(Acceptance.objects.filter(incident=OuterRef("pk"))),
        ~Exists(ReporterMessage.objects.filter(incident=OuterRef("pk"))),
    )
    return list(known.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def _note(ids: Sequence[int], before: str, after: str, *, by: User | None = None, **more: int) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(
            kind=STATUS_CHANGED, actor=by, incident_id=pk, detail={"before": str(before), "after": str(after)} | more
        )
        for pk in ids
    )
