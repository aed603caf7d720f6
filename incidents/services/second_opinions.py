"""Second opinions: a share of the decided reports is reviewed once more, by somebody who is not told.

To that person the report looks like any undecided one that they hold, on each page and in each list: `disguise` makes
it so, in memory. Nothing here changes what stands on a report; only two who disagree send it on, to be settled by a
lead.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from incidents import policy
from incidents.models import AuditEvent, Incident, Label, PassingReason, Path, Retraction, SecondOpinion, User
from incidents.models.incident import RESTING_STATUS, IncidentQuerySet
from incidents.models.label import LabelQuerySet
from incidents.models.opinion import LEFT, PASSED_ON, SET_ASIDE, TAKEN_UP
from incidents.services import audit, decisions, draws
from incidents.services.decisions import Decision

State, Status = SecondOpinion.State, Incident.Status
ALL = set(Status) - {Status.ERASED}
DRAWN = {Label.Verdict.CONFIRM, Label.Verdict.CORRECT, Label.Verdict.REJECT}
ONE_IN = 4  # reports that a person is served while second opinions wait
LOOKED_AT = 5  # that others may take while we look, before we give up


def draw(label: Label) -> SecondOpinion | None:
    """Have a decision looked at once more, by chance; call it in the transaction of the decision."""
    if label.verdict not in DRAWN or not draws.by_chance(policy.value("second_opinion_share")):
        return None
    return SecondOpinion.objects.create(incident=label.incident, first=label)


def next_for(user: User, *, passed: int | None = None, others_wait: bool = True) -> Incident | None:
    """Claim the report of a second opinion whose turn it is; the one that the person holds already comes first.

    Its turn is by chance while other reports wait, so that no order gives it away. `passed`: the report just left.
    """
    held = SecondOpinion.objects.held_by(user).on_what_stands().exclude(incident=passed).with_reports().first()
    if held and _claim(held, user):
        return held.disguise(held.incident)
    if others_wait and not draws.by_chance(1 / ONE_IN):
        return None
    for opinion in SecondOpinion.objects.open_to(user).exclude(incident=passed).with_reports()[:LOOKED_AT]:
        if _claim(opinion, user):
            return opinion.disguise(opinion.incident)
    return None


def glance(user: User, *, passed: int, others_wait: bool) -> Incident | None:
    """As `next_for`, for a page that is prepared: nothing is held yet, the report looks as if it were."""
    if others_wait and not draws.by_chance(1 / ONE_IN):
        return None
    opinion = SecondOpinion.objects.open_to(user).exclude(incident=passed).with_reports().first()
    return opinion.disguise(opinion.incident) if opinion else None


def take(incident: Incident, user: User) -> bool:
    """Hold the second opinion on a report that this person was shown; False when there is none for them."""
    opinion = SecondOpinion.objects.open_to(user).filter(incident=incident.pk).first()
    return opinion is not None and _claim(opinion, user)


def held_by(incident: Incident, user: User) -> SecondOpinion | None:
    """What this person holds of this report, also after the claim ran out if nobody has come since."""
    held = SecondOpinion.objects.held_by(user).filter(incident=incident.pk)
    # Nearly always there is none, and to ask one table for that takes a fraction of reading what belongs to it.
    return held.on_what_stands().with_reports().first() if held.exists() else None


def renew(incident: Incident, user: User) -> bool:
    """Hold a second opinion for longer, and let the report look undecided; False when this person holds none."""
    opinion = held_by(incident, user)
    if opinion is None or not _claim(opinion, user):
        return False
    opinion.disguise(incident)
    return True


def disguised(incident: Incident, user: User) -> Incident:
    """The report as this person may see it: undecided while they hold a second opinion on it."""
    return disguise_all([incident], user)[0]


def disguise_all(incidents: Iterable[Incident], user: User) -> list[Incident]:
    """As `disguised`, for the rows of any list; call it wherever rows of reports are made for somebody."""
    return SecondOpinion.objects.disguise(incidents, user)


def reports_held_by(user: User | None) -> list[int]:
    """The numbers of the reports that look undecided to this person."""
    return list(SecondOpinion.objects.reports_held_by(user)) if user else []


def listed(rows: IncidentQuerySet, states: Collection[str], held: Sequence[int], *, tells: bool) -> IncidentQuerySet:
    """Reports in these states as somebody sees them who holds second opinions on those of the numbers `held`.

    To them these are in review, and in no list that tells what is decided or predicted of its reports (`tells`).
    """
    fits = ~Q(status=Status.ERASED) if set(states) == ALL else Q(status__in=states)
    if held and (tells or Status.IN_REVIEW not in states):
        return rows.filter(fits).exclude(pk__in=held)
    return rows.filter(fits | Q(pk__in=held) if held and fits else fits)


def give(opinion: SecondOpinion, decision: Decision, *, reviewer: User) -> Label | None:
    """Append the second label; what stands on the report stays. Equal is agreed; else a lead has to settle it.

    None when somebody else has come, or the report has changed: roll back then.
    """
    seconds = (timezone.now() - opinion.claimed_at).total_seconds() if opinion.claimed_at else None
    second = replace(decision, seconds=seconds, slot=Label.Slot.SECOND, blind=decision.blind or opinion.incident.blind)
    agreed = _same(opinion.first, second.settled, second.paths)
    mine = SecondOpinion.objects.held_by(reviewer).filter(pk=opinion.pk)
    if mine.update(state=State.AGREED if agreed else State.DISPUTED) == 0 or not _send_on(opinion, agreed):
        return None
    (label,) = decisions.append([second], reviewer=reviewer)
    SecondOpinion.objects.filter(pk=opinion.pk).update(second=label)
    return label


def given(incident: Incident, user: User) -> Label | None:
    """The second label of this person on this report, unless the dispute is settled or another decision stands."""
    return _given_by(user).filter(incident=incident.pk).first()


def last_given(user: User) -> Label | None:
    """The newest second label that this person may take back."""
    return _given_by(user).order_by("-pk").first()


def take_back(label: Label, user: User) -> bool:
    """Undo a second label, and hold the report again; False when somebody is at it by now."""
    opinion, incident = label.second_opinion, label.incident
    with transaction.atomic():
        unsettled = SecondOpinion.objects.filter(pk=opinion.pk, state__in=[State.AGREED, State.DISPUTED])
        taken = unsettled.update(state=State.HELD, second=None, claimed_by=user)
        if opinion.state == State.DISPUTED:
            disputed = Incident.objects.filter(pk=incident.pk, status=Status.SECOND_LOOK, current_label=opinion.first)
            disputed.update(status=RESTING_STATUS[opinion.first.verdict])
        if not taken or not renew(incident, user):
            transaction.set_rollback(True)
            return False
        Retraction.objects.create(label=label, by=user)
    return True


def release(incident: Incident, user: User) -> bool:
    """Give a held second opinion back to whoever comes; False when this person holds none."""
    held = SecondOpinion.objects.held_by(user).filter(incident=incident.pk)
    return held.update(state=State.WAITING, claimed_by=None, claimed_at=None, claim_expires_at=None) == 1


def pass_on(incident: Incident, user: User, reason: str) -> bool:
    """Leave a held second opinion to others for good; False when this person holds none."""
    if not release(incident, user):
        return False
    event = audit.record(PASSED_ON, actor=user, incident=incident)
    PassingReason.objects.create(incident=incident, event=event, text=reason)
    return True


def set_aside(incident: Incident, user: User) -> bool:
    """What snoozing is for a report that only looks undecided: others give the opinion; False without one."""
    if not release(incident, user):
        return False
    audit.record(SET_ASIDE, actor=user, incident=incident)
    return True


def last_passed_on(user: User) -> AuditEvent | None:
    """The newest report that this person left to others, or meant to set aside, and that still waits for them."""
    mine = AuditEvent.objects.filter(actor=user)
    undone = list(mine.filter(kind=TAKEN_UP).values_list("detail__event", flat=True))
    left = mine.filter(kind__in=LEFT, incident__second_opinions__state=State.WAITING)
    return left.exclude(pk__in=undone).first()


def take_up(event: AuditEvent, user: User) -> Incident | None:
    """Hold again what this person had left to others; None when somebody else has come."""
    waiting = SecondOpinion.objects.filter(incident=event.incident, state=State.WAITING).on_what_stands().with_reports()
    opinion = waiting.first()
    if opinion is None or not _claim(opinion, user):
        return None
    audit.record(TAKEN_UP, actor=user, incident=opinion.incident, event=event.pk)
    return opinion.disguise(opinion.incident)


def _given_by(user: User) -> LabelQuerySet:
    """Their second labels while the report is as they left it."""
    agreed = Q(second_opinion__state=State.AGREED, incident__status__in=[Status.DECIDED, Status.REJECTED])
    disputed = Q(second_opinion__state=State.DISPUTED, incident__status=Status.SECOND_LOOK)
    mine = Label.objects.standing().filter(agreed | disputed, reviewer=user, slot=Label.Slot.SECOND)
    stands = mine.filter(incident__current_label=F("second_opinion__first"), text_revision=F("incident__current_text"))
    return stands.select_related("incident", "second_opinion__first")


def _claim(opinion: SecondOpinion, user: User) -> bool:
    held = SecondOpinion.objects.claim(opinion, user, policy.value("claim_minutes"))
    opinion.refresh_from_db(fields=["state", "claimed_at", "claim_expires_at"])
    opinion.claimed_by = user if held else None
    return held


def _same(first: Label, verdict: str, paths: Sequence[Path]) -> bool:
    """Whether two opinions come to the same: the same labels, or both say that it is no incident."""
    if not paths:
        return first.verdict == verdict
    return set(first.present_paths) == set(paths)


def _send_on(opinion: SecondOpinion, agreed: bool) -> bool:
    """Let a lead settle what is disputed; False when the first decision is not what stands any more."""
    stands = Incident.objects.filter(
        pk=opinion.incident_id, current_label=opinion.first_id, status__in=[Status.DECIDED, Status.REJECTED]
    )
    return stands.update(status=RESTING_STATUS[opinion.first.verdict] if agreed else Status.SECOND_LOOK) == 1
