"""The tour of the first sign-in: one page of what a person's role can do here."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import User

OFFERED = "tour_offered"


@dataclass(frozen=True)
class Step:
    """Something to do, for those with `permission`; `page` is the name of the address where it is done."""

    title: Promise
    text: Promise
    page: str
    permission: str = ""


STEPS = (
    Step(
        _("File a report"),
        _("Tell what happened, on one page. The answer comes with a private link: who has it can follow the report."),
        "file",
    ),
    Step(
        _("Follow your reports"),
        _("See their state and category, add facts, answer questions, and say so if the decision is wrong."),
        "mine",
    ),
    Step(
        _("Review, by keyboard if you like"),
        _(
            "The next report comes by itself, with what the model suggests. Enter takes the suggestion, other keys"
            " stand on the buttons, ? lists them, and every decision can be undone."
        ),
        "review",
        "incidents.review_incident",
    ),
    Step(
        _("Find and order reports"),
        _(
            "Filters show how many reports each value holds and stand in the address. Save them as a view; act on all"
            " results at once, with a preview and a way back."
        ),
        "queue",
        "incidents.review_incident",
    ),
    Step(
        _("See how it goes"),
        _("What comes in, how long it waits, and how right the model is where people decide without seeing it."),
        "dashboard",
        "incidents.review_incident",
    ),
    Step(
        _("Watch the event stream"),
        _("Logs are read, filtered and scored; what stands out opens a report with its evidence."),
        "sources",
        "events.view_events",
    ),
    Step(
        _("Settle disputes"),
        _("Some reports are decided twice, unseen by each other. Where the two differ, you decide."),
        "disputes",
        "incidents.adjudicate",
    ),
    Step(
        _("Know the models"),
        _("Which one serves, how it was measured, and what changed between versions."),
        "models",
        "classifier.view_modelversion",
    ),
    Step(
        _("Set the rules"),
        _("Who may file, when a prediction counts as unsure, what share is reviewed twice or blind."),
        "settings",
        "incidents.add_setting",
    ),
    Step(
        _("Know the labels"),
        _("What each category means, with examples. While you review, it is one key away."),
        "guide",
    ),
    Step(
        _("Make it yours"),
        _("Language and time zone; keys and mail notices are one step from there."),
        "preferences",
    ),
)


def steps_for(user: User) -> Sequence[Step]:
    return [step for step in STEPS if not step.permission or user.has_perm(step.permission)]


def offer(user: User, session: MutableMapping[str, Any]) -> bool:
    """Whether to lead the person to the tour now: once in a session, until it was read or skipped."""
    if user.toured_at is not None or session.get(OFFERED):
        return False
    session[OFFERED] = True
    return True


def finish(user: User) -> None:
    """Read or skipped: it is not offered again."""
    user.toured_at = timezone.now()
    user.save(update_fields=["toured_at"])
