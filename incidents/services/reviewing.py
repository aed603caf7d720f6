"""The review loop: claim, decide, skip; `undoing` takes back."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.models import Prediction
from classifier.services.present import say_today
from classifier.services.reading import latest_prediction
from incidents import policy
from incidents.models import Incident, Label, PassingReason, Path, SecondOpinion, User
from incidents.models.incident import IncidentQuerySet
from incidents.services import audit, decisions, review_order, second_opinions
from incidents.services.decisions import Decision

Status = Incident.Status
SETTLED = (Status.ACCEPTED, Status.DECIDED, Status.REJECTED, Status.MERGED, Status.ERASED)
ELSEWHERE = (Status.MERGED, Status.WAITING_REPORTER, Status.ERASED)  # where somebody has put it meanwhile
LONGEST_REASON = 500
SKIPPED, SKIP_UNDONE = "incident.skipped", "incident.skip_undone"


class ClaimLost(Exception):
    """Somebody else holds the report, or has decided it meanwhile."""


def next_report(
    user: User,
    rows: QuerySet[Incident] | None = None,
    passed: int | None = None,
    *,
    mixed: bool = False,
    again: bool = False,
) -> Incident | None:
    """Claim the next report of `rows`, a list's filter and order, else of the queue; see `review_order.upcoming`.

    In the queue and where `mixed` says so, now and then one comes for a second opinion; it looks like any other.
    """
    release_expired_claims()
    waiting = review_order.upcoming(user, rows, passed, again=again)
    if (mixed or rows is None) and not (waiting and waiting[0].claimed_by_id == user.pk):
        second = second_opinions.next_for(user, passed=passed, others_wait=bool(waiting))
        if second:
            return second
    for incident in waiting:
        # Only while it is still in that state: somebody may have decided it since the list was read.
        if hold(Incident.objects.undisputed().filter(status=incident.status), incident, user):
            return incident
    return None


def claim_prepared(user: User, pk: int, revision: int) -> bool:
    """Claim the report that the person sees already; False when somebody else came first, or its text has changed."""
    shown = {"pk": pk, "current_text": revision}
    # Nearly always it is undecided, and one UPDATE finds that out and takes it.
    if _undecided().filter(current_label=None, **shown).hold(user, policy.value("claim_minutes")):
        return True
    incident = Incident.objects.exclude(current_label=None).filter(**shown).first()
    return incident is not None and (claim(incident, user) or second_opinions.take(incident, user))


def claim(incident: Incident, user: User) -> bool:
    """Hold an undecided report for `claim_minutes`; False when somebody else does, or has decided it.

    A second opinion that one holds is kept; the report then looks undecided. What is disputed, a lead settles.
    """
    if second_opinions.renew(incident, user):
        return True
    return hold(_undecided(), incident, user)


def reopen(incident: Incident, user: User) -> bool:
    """Hold a report whatever it is, also one that was decided; False when somebody else holds it or has to settle it,
    and for one that is joined to another: it is taken apart first.

    Whoever gave a second opinion on it takes that back and gives it anew.
    """
    mine = second_opinions.given(incident, user)
    if second_opinions.renew(incident, user) or (mine and second_opinions.take_back(mine, user)):
        return True
    return hold(Incident.objects.undisputed().exclude(status__in=(Status.MERGED, Status.ERASED)), incident, user)


def release(incident: Incident, user: User) -> bool:
    """Give a held report back to where it was; False when this person does not hold it."""
    held = _let_go(incident, incident.status_at_rest(), claimed_by=user)
    return held or second_opinions.release(incident, user)


def release_expired_claims() -> int:
    """Return reports whose claim ran out to the queue; the number of them."""
    expired = Incident.objects.with_expired_claims().select_related("current_label")
    released = sum(_let_go(one, one.status_at_rest(), claim_expires_at__lt=timezone.now()) for one in expired)
    return released + SecondOpinion.objects.expire()


def decide(
    incident: Incident,
    *,
    reviewer: User,
    verdict: str,
    paths: Sequence[Path],
    reason: str = "",
    shown: Prediction | None = None,
    expected_until: dt.datetime | None = None,
    blind: bool | None = None,
    stood: int | None = None,
    nothing_shown: bool = False,
) -> Label:
    """Append a verdict. Whether paths confirm or correct is settled by what the model suggested, not by the button.

    `shown` is the prediction that stood on the page; without it, the newest one counts, unless the page is known to
    have had none (`nothing_shown`). `expected_until`: until when a rejected detection's like is expected; what a
    verdict on a detection does to the stream, a job does. `blind`: whether that prediction was hidden; None: as the
    audit has it. Of somebody who holds a second opinion, the verdict is that; a share of the others gets one. `stood`:
    the number of the label that stood on the page. While it still does, a claim that ran out costs nothing.

    Sending the same decision twice gives the first one again. Raises ClaimLost when somebody else holds or has
    decided the report, ValidationError when the verdict and the paths do not fit.
    """
    _check(verdict, paths)
    prediction = None if nothing_shown else shown or latest_prediction(incident)
    say_today([prediction] if prediction else [])
    with transaction.atomic():
        opinion = second_opinions.held_by(incident, reviewer)
        held = opinion is None and _renew_claim(incident, reviewer, stood)
        incident.refresh_from_db()
        seconds, hidden = _seconds_held(incident), _was_hidden(incident, blind)
        decision = Decision(incident, verdict, paths, prediction, reason, seconds, expected_until, hidden)
        if opinion:
            return _give(opinion, decision, reviewer)
        if not held:
            return _repeated(incident, reviewer, decision.settled, paths)
        (label,) = decisions.record([decision], reviewer=reviewer)
        second_opinions.draw(label)
    return label


def skip(incident: Incident, *, reviewer: User, reason: str) -> None:
    """Pass a held report on to a second look. Raises ValidationError without a reason, ClaimLost when not held."""
    if not reason.strip():
        raise ValidationError(_("Say why you skip this report, so that the next person knows."))
    with transaction.atomic():
        if second_opinions.pass_on(incident, reviewer, reason.strip()):
            return
        if not _let_go(incident, Status.SECOND_LOOK, claimed_by=reviewer):
            raise ClaimLost(_("Somebody else has taken this report."))
        event = audit.record(SKIPPED, actor=reviewer, incident=incident)
        PassingReason.objects.create(incident=incident, event=event, text=reason.strip()[:LONGEST_REASON])


def hold(among: IncidentQuerySet, incident: Incident, user: User) -> bool:
    """Take a report for review if it is among these; it is as it is in the database then."""
    held = among.claim(incident, user, policy.value("claim_minutes"))
    incident.refresh_from_db()
    return held


def _undecided() -> IncidentQuerySet:
    """What anybody may hold for review without opening it again."""
    return Incident.objects.undisputed().exclude(status__in=SETTLED)


def _check(verdict: str, paths: Sequence[Path]) -> None:
    if verdict not in Label.Verdict.values:
        known = {"verdict": repr(verdict), "verdicts": ", ".join(Label.Verdict.values)}
        raise ValidationError(_("There is no verdict %(verdict)s; use one of %(verdicts)s.") % known)
    labelled = verdict in {Label.Verdict.CONFIRM, Label.Verdict.CORRECT}
    if labelled and not paths:
        raise ValidationError(_("Choose at least one label, or reject the report, or say that you are unsure."))
    if not labelled and paths:
        raise ValidationError(_("A rejected or unsure report carries no labels. Take the labels off, or confirm them."))


def _renew_claim(incident: Incident, reviewer: User, stood: int | None) -> bool:
    """Keep the claim, or take it again if it ran out and nobody else came; False for what is another's, or done."""
    held = Q(status=Status.IN_REVIEW, claimed_by=reviewer)
    returned = Q(claimed_by=None, current_label=stood) & ~Q(status__in=ELSEWHERE)
    mine = Incident.objects.undisputed().filter(held | returned, pk=incident.pk)
    return mine.update(claimed_by=reviewer) == 1


def _was_hidden(incident: Incident, blind: bool | None) -> bool:
    """Not for the audit once anybody has decided the report: all could see the prediction then, undone or not."""
    hidden = incident.hides_prediction if blind is None else blind
    return hidden and not (incident.blind and incident.labels.exclude(verdict=Label.Verdict.UNSURE).exists())


def _give(opinion: SecondOpinion, decision: Decision, reviewer: User) -> Label:
    label = second_opinions.give(opinion, decision, reviewer=reviewer)
    if label is None:
        raise ClaimLost(_("Somebody else has taken or decided this report meanwhile."))
    return label


def _repeated(incident: Incident, reviewer: User, verdict: str, paths: Sequence[Path]) -> Label:
    """The person's own label when they send the same decision twice; raises ClaimLost otherwise."""
    label = second_opinions.given(incident, reviewer) or incident.current_label
    if label is None or label.reviewer_id != reviewer.pk:
        raise ClaimLost(_who_came(incident))
    if label.verdict != verdict or set(label.present_paths) != set(paths):
        raise ClaimLost(_("You have decided this report already, in another way. Open it again to change that."))
    return label


def _who_came(incident: Incident) -> str:
    if incident.status == Status.IN_REVIEW and incident.claimed_by:
        return _("%(person)s has taken this report meanwhile and is deciding it.") % {"person": incident.claimed_by}
    if incident.status in ELSEWHERE:
        return _("Somebody has joined this report to another one, or set it aside, meanwhile.")
    label = incident.current_label
    if label and label.reviewer:
        return _("%(person)s has decided this report meanwhile.") % {"person": label.reviewer}
    return _("Somebody else has taken or decided this report meanwhile.")


def _seconds_held(incident: Incident) -> float | None:
    return (timezone.now() - incident.claimed_at).total_seconds() if incident.claimed_at else None


def _let_go(incident: Incident, status: str, **condition: object) -> bool:
    held = Incident.objects.filter(pk=incident.pk, status=Status.IN_REVIEW, **condition)
    return held.update(status=status, claimed_by=None, claimed_at=None, claim_expires_at=None) == 1
