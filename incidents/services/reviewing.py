"""The review loop: claim, decide, skip, undo."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from classifier.ml.taxonomy import join_labels
from classifier.models import Prediction
from classifier.services.reading import latest_prediction
from incidents import policy
from incidents.models import AuditEvent, Incident, Label, Path, Retraction, TextRevision, User
from incidents.models.incident import RESTING_STATUS, IncidentQuerySet
from incidents.services import audit
from incidents.services.taxonomy import current_version
from workers import jobs
from workers.models import Job

Status = Incident.Status
SETTLED = (Status.DECIDED, Status.REJECTED, Status.MERGED)
SKIPPED, SKIP_UNDONE = "incident.skipped", "incident.skip_undone"
VERDICT_EFFECTS, EVENTS_QUEUE = "verdict_effects", "events"


class ClaimLost(Exception):
    """Somebody else holds the report, or has decided it meanwhile."""


def next_report(user: User) -> Incident | None:
    """Claim the first report of the queue that nobody else holds; one that this person already holds comes first."""
    release_expired_claims()
    held = Incident.objects.filter(status=Status.IN_REVIEW, claimed_by=user).order_by("claimed_at").first()
    if held and claim(held, user):
        return held
    for incident in Incident.objects.awaiting_review()[:20]:
        # Only while it still waits: somebody may have decided it since the list was read.
        if _hold(Incident.objects.filter(status=Status.CLASSIFIED), incident, user):
            return incident
    return None


def claim(incident: Incident, user: User) -> bool:
    """Hold an undecided report for `claim_minutes`; False when somebody else does, or has decided it."""
    return _hold(Incident.objects.exclude(status__in=SETTLED), incident, user)


def reopen(incident: Incident, user: User) -> bool:
    """Hold a report whatever it is, also one that was decided; False when somebody else holds it."""
    return _hold(Incident.objects.all(), incident, user)


def release(incident: Incident, user: User) -> bool:
    """Give a held report back to where it was; False when this person does not hold it."""
    return _let_go(incident, incident.status_at_rest(), claimed_by=user)


def release_expired_claims() -> int:
    """Return reports whose claim ran out to the queue; the number of them."""
    expired = Incident.objects.with_expired_claims().select_related("current_label")
    return sum(_let_go(one, one.status_at_rest(), claim_expires_at__lt=timezone.now()) for one in expired)


def decide(
    incident: Incident,
    *,
    reviewer: User,
    verdict: str,
    paths: Sequence[Path],
    reason: str = "",
    shown: Prediction | None = None,
    expected_until: dt.datetime | None = None,
) -> Label:
    """Append a verdict. Whether paths confirm or correct is settled by what the model suggested, not by the button.

    `shown` is the prediction that stood on the page; without it, the newest one counts. `expected_until`: until when
    a rejected detection's like is expected; what a verdict on a detection does to the stream, a job does.

    Sending the same decision twice gives the first one again. Raises ClaimLost when somebody else holds or has
    decided the report, ValidationError when the verdict and the paths do not fit.
    """
    _check(verdict, paths)
    prediction = shown or latest_prediction(incident)
    if paths:
        suggested = set(prediction.path_ids) if prediction else set()
        same = suggested == {path.pk for path in paths}
        verdict = Label.Verdict.CONFIRM if same else Label.Verdict.CORRECT
    with transaction.atomic():
        held = _renew_claim(incident, reviewer)
        incident.refresh_from_db()
        if not held:
            return _repeated(incident, reviewer, verdict, paths)
        label = Label.objects.create(
            incident=incident,
            text_revision=_read_text(incident),
            taxonomy_version=current_version(),
            reviewer=reviewer,
            verdict=verdict,
            reason=reason,
            shown_model=prediction.version.name if prediction else "",
            seconds=_seconds_held(incident),
            expected_until=expected_until if verdict == Label.Verdict.REJECT and incident.is_detection else None,
        )
        label.paths.set(paths)
        _stand(incident, label)
        _ask_for_effects(incident)
        audit.record("incident.labelled", actor=reviewer, incident=incident, label=label.pk, verdict=label.verdict)
    return label


def skip(incident: Incident, *, reviewer: User, reason: str) -> None:
    """Pass a held report on to a second look. Raises ValidationError without a reason, ClaimLost when not held."""
    if not reason.strip():
        raise ValidationError("Say why you skip this report, so that the next person knows.")
    with transaction.atomic():
        if not _let_go(incident, Status.SECOND_LOOK, claimed_by=reviewer):
            raise ClaimLost("Somebody else has taken this report.")
        audit.record(SKIPPED, actor=reviewer, incident=incident, reason=reason.strip())


def undo(reviewer: User) -> Incident | None:
    """Take back this person's last decision or skip that still stands, and hold the report again; None without one.

    Raises ClaimLost when somebody else holds or has decided that report since.
    """
    mine = Label.objects.standing().filter(reviewer=reviewer, source=Label.Source.REVIEW, current_of__isnull=False)
    label = mine.order_by("-pk").first()
    skipped = _last_skip(reviewer)
    if skipped is not None and (label is None or skipped.created_at > label.created_at):
        return _undo_skip(skipped, reviewer)
    return _undo_label(label, reviewer) if label is not None else None


def _hold(among: IncidentQuerySet, incident: Incident, user: User) -> bool:
    held = among.claim(incident, user, policy.value("claim_minutes"))
    incident.refresh_from_db()
    return held


def _check(verdict: str, paths: Sequence[Path]) -> None:
    if verdict not in Label.Verdict.values:
        raise ValidationError(f"There is no verdict {verdict!r}; use one of {', '.join(Label.Verdict.values)}.")
    labelled = verdict in {Label.Verdict.CONFIRM, Label.Verdict.CORRECT}
    if labelled and not paths:
        raise ValidationError("Choose at least one label, or reject the report, or say that you are unsure.")
    if not labelled and paths:
        raise ValidationError("A rejected or unsure report carries no labels. Take the labels off, or confirm them.")


def _read_text(incident: Incident) -> TextRevision:
    assert incident.current_text is not None, "every filed report has a text"
    return incident.current_text


def _renew_claim(incident: Incident, reviewer: User) -> bool:
    """Keep the claim, or take it again if it ran out and nobody else came; False for what is another's, or done."""
    held = Q(status=Status.IN_REVIEW, claimed_by=reviewer)
    returned = Q(status__in=[Status.NEW, Status.CLASSIFIED], claimed_by=None)
    return Incident.objects.filter(held | returned, pk=incident.pk).update(claimed_by=reviewer) == 1


def _repeated(incident: Incident, reviewer: User, verdict: str, paths: Sequence[Path]) -> Label:
    """The standing label when the same person sends the same decision twice; raises ClaimLost otherwise."""
    label = incident.current_label
    if label is None or label.reviewer_id != reviewer.pk:
        raise ClaimLost("Somebody else has taken or decided this report meanwhile.")
    if label.verdict != verdict or set(label.paths.all()) != set(paths):
        raise ClaimLost("You have decided this report already, in another way. Open it again to change that.")
    return label


def _seconds_held(incident: Incident) -> float | None:
    return (timezone.now() - incident.claimed_at).total_seconds() if incident.claimed_at else None


def _stand(incident: Incident, label: Label) -> None:
    """Let a label be the report's present verdict."""
    incident.current_label = label
    incident.status = RESTING_STATUS[label.verdict]
    incident.standing_category = standing_category(incident)
    incident.decided_at = label.created_at if incident.status != Status.SECOND_LOOK else None
    incident.claimed_by = incident.claimed_at = incident.claim_expires_at = None
    incident.save(
        update_fields=[
            "current_label",
            "standing_category",
            "status",
            "decided_at",
            "claimed_by",
            "claimed_at",
            "claim_expires_at",
        ]
    )


def standing_category(incident: Incident) -> str:
    """The decided category, else the predicted one, several joined; what `Incident.standing_category` is to hold."""
    label = incident.current_label
    names = join_labels(name for path in label.paths.with_names() for name in path.category_names) if label else ""
    return names or incident.current_category


def _ask_for_effects(incident: Incident) -> None:
    """Have the stream that a detection came from follow the verdict that stands now, or that none does."""
    if incident.is_detection:
        jobs.enqueue(VERDICT_EFFECTS, incident.pk, queue=EVENTS_QUEUE, priority=Job.Priority.WEB)


def _let_go(incident: Incident, status: str, **condition: object) -> bool:
    held = Incident.objects.filter(pk=incident.pk, status=Status.IN_REVIEW, **condition)
    return held.update(status=status, claimed_by=None, claimed_at=None, claim_expires_at=None) == 1


def _last_skip(reviewer: User) -> AuditEvent | None:
    mine = AuditEvent.objects.filter(actor=reviewer, incident__status=Status.SECOND_LOOK)
    undone = mine.filter(kind=SKIP_UNDONE).values_list("detail__event", flat=True)
    return mine.filter(kind=SKIPPED, incident__current_label=None).exclude(pk__in=list(undone)).first()


def _undo_skip(event: AuditEvent, reviewer: User) -> Incident:
    incident = event.incident
    with transaction.atomic():
        if incident is None or not _hold(Incident.objects.filter(status=Status.SECOND_LOOK), incident, reviewer):
            raise ClaimLost("Somebody else has taken up the report that you skipped.")
        Incident.objects.filter(pk=incident.pk).update(claimed_from="")  # let go, it returns to the queue
        audit.record(SKIP_UNDONE, actor=reviewer, incident=incident, event=event.pk)
    return incident


def _undo_label(label: Label, reviewer: User) -> Incident:
    incident = label.incident
    with transaction.atomic():
        if not _hold(Incident.objects.filter(current_label=label), incident, reviewer):
            raise ClaimLost("Somebody else has taken up or decided that report since.")
        Retraction.objects.create(label=label, by=reviewer)
        incident.current_label = incident.labels.standing().order_by("-pk").first()
        incident.decided_at = incident.current_label.created_at if incident.current_label else None
        incident.standing_category = standing_category(incident)
        incident.save(update_fields=["current_label", "standing_category", "decided_at"])
        _ask_for_effects(incident)
        audit.record("incident.label_undone", actor=reviewer, incident=incident, label=label.pk)
    return incident
