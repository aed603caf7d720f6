"""What may be done with a report next: the one table of it."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, User

Status = Incident.Status
OPEN = frozenset({Status.NEW, Status.CLASSIFIED, Status.SECOND_LOOK})
OVER = frozenset({Status.ACCEPTED, Status.DECIDED, Status.REJECTED})
ANSWERS = frozenset({Incident.Source.WEB, Incident.Source.API})  # sources with somebody at the other end


@dataclass(frozen=True)
class NextStep:
    """An action by its name; `template` is what asks for all that it needs."""

    name: str
    label: str | Promise
    icon: str
    allowed_in: frozenset[Status]

    @property
    def template(self) -> str:
        return f"incidents/_step_{self.name}.html"


STEPS = (
    NextStep("review", _("Review this"), "checklist", OPEN | {Status.WAITING_REPORTER, Status.IN_REVIEW}),
    NextStep("reopen", _("Review again"), "checklist", OVER),
    NextStep("ask", _("Ask the reporter"), "user-question", OPEN),
    NextStep("wake", _("Back to the queue"), "arrow-back-up", frozenset({Status.WAITING_REPORTER})),
    NextStep("snooze", _("Snooze"), "hourglass", OPEN),
    NextStep("merge", _("Merge into…"), "link", OPEN | OVER | {Status.WAITING_REPORTER}),
    NextStep("part", _("Take it apart"), "arrow-back-up", frozenset({Status.MERGED})),
    NextStep("reject", _("Reject"), "ban", OPEN),
)


def next_steps(incident: Incident, user: User) -> list[NextStep]:
    """What this person may do with a report now; nothing while somebody else holds it."""
    if _is_held_by_other(incident, user):
        return []
    return [step for step in STEPS if incident.status in step.allowed_in and _is_possible(step, incident)]


def _is_held_by_other(incident: Incident, user: User) -> bool:
    held = incident.claim_expires_at is None or incident.claim_expires_at > timezone.now()
    return incident.status == Status.IN_REVIEW and incident.claimed_by_id not in {None, user.pk} and held


def _is_possible(step: NextStep, incident: Incident) -> bool:
    """Nobody answers for an import or a detection."""
    return step.name != "ask" or incident.source in ANSWERS
