"""What a reporter says after filing: more facts, or that the outcome is wrong. Both come back as a task of review."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from classifier.services.accepting import end_acceptances
from classifier.services.asking import request_classification
from incidents.models import Incident, Notice, ReporterMessage, TextRevision, User
from incidents.models.incident import MAX_TEXT
from incidents.services import audit, notices, snoozing
from incidents.services.observables import request_observables
from incidents.services.search import index_reports
from incidents.texts import clean_text, text_hash
from workers.models import Job

MOST = 20  # messages of one report
ADDED = "\n\nAdded later: "  # between what was filed and what came later, for people and models to read
DISPUTED, FACTS_ADDED, STATUS_CHANGED = "incident.disputed", "incident.facts_added", "incident.status_changed"

Status, Kind = Incident.Status, ReporterMessage.Kind


@dataclass(frozen=True)
class Line:
    """One turn of what a report's reporter and its analysts said to each other."""

    at: datetime
    text: str
    by_reporter: bool
    kind: str = ""  # of a reporter's message, in words


@transaction.atomic
def say_wrong(incident: Incident, *, reason: str, by: User | None) -> ReporterMessage:
    """Take down that the reporter disputes what stands. Raises ValidationError without a reason, or after `MOST`."""
    if not reason.strip():
        raise ValidationError(_("Say what is wrong, so that the next person knows."))
    incident = _locked(incident)
    message = _message(incident, Kind.WRONG, clean_text(reason))
    audit.record(DISPUTED, actor=by, incident=incident, message=message.pk, label=incident.current_label_id)
    _come_back(incident, by)
    return message


@transaction.atomic
def add_facts(incident: Incident, *, facts: str, by: User | None) -> ReporterMessage:
    """Append facts to the text as its next revision, which the model reads anew.

    Raises ValidationError without facts, after `MOST` messages, and where the text would get too long.
    """
    if not facts.strip():
        raise ValidationError(_("The text is empty. Write what you want to add."))
    incident = _locked(incident)
    message = _message(incident, Kind.FACTS, clean_text(facts))
    _append(incident, message.text)
    audit.record(FACTS_ADDED, actor=by, incident=incident, message=message.pk)
    _come_back(incident, by)
    return message


def conversation(incident: Incident) -> Sequence[Line]:
    """What both sides said, the oldest first. Analysts have no names in it, and nothing that they say to each other."""
    replies = incident.comments.filter(to_reporter=True).values_list("created_at", "text")
    said = [Line(at, text, by_reporter=False) for at, text in replies]
    messages = incident.reporter_messages.all()
    said += [Line(one.created_at, one.text, by_reporter=True, kind=one.get_kind_display()) for one in messages]
    return sorted(said, key=lambda line: line.at)


def _locked(incident: Incident) -> Incident:
    return Incident.objects.select_for_update(of=("self",)).select_related("current_text").get(pk=incident.pk)


def _message(incident: Incident, kind: str, text: str) -> ReporterMessage:
    if incident.reporter_messages.count() >= MOST:
        raise ValidationError(
            _("You have sent %(most)d messages about this report; no more are taken.") % {"most": MOST}
        )
    disputed = incident.current_label_id if kind == Kind.WRONG else None
    return ReporterMessage.objects.create(incident=incident, kind=kind, text=text, disputed_id=disputed)


def _append(incident: Incident, facts: str) -> None:
    revision = incident.current_text
    assert revision is not None, "every filed report has a text"
    left = MAX_TEXT - len(revision.text) - len(ADDED)
    if len(facts) > left:
        raise ValidationError(_no_room(max(left, 0)))
    text = revision.text + ADDED + facts
    incident.current_text = TextRevision.objects.create(
        incident=incident,
        number=revision.number + 1,
        title=revision.title,
        text=text,
        text_hash=text_hash(text),
    )
    incident.save(update_fields=["current_text"])
    request_classification(incident.pk, priority=Job.Priority.WEB)
    request_observables(incident.pk, priority=Job.Priority.WEB)
    index_reports([incident.pk])


def _no_room(left: int) -> str:
    return ngettext(
        "This report has room for %(left)d more character. Shorten what you add, or file another report.",
        "This report has room for %(left)d more characters. Shorten what you add, or file another report.",
        left,
    ) % {"left": left}


def _come_back(incident: Incident, by: User | None) -> None:
    """Have somebody look at the report again, and tell those who look after it."""
    rows, before = Incident.objects.filter(pk=incident.pk), incident.status
    if before in {Status.DECIDED, Status.REJECTED}:
        rows.update(status=Status.SECOND_LOOK)
        audit.record(STATUS_CHANGED, incident=incident, before=before, after=Status.SECOND_LOOK)
    elif before == Status.ACCEPTED:
        rows.update(status=Status.SECOND_LOOK)
        end_acceptances([incident.pk], by=by)
        audit.record(STATUS_CHANGED, incident=incident, before=before, after=Status.SECOND_LOOK)
    elif before == Status.IN_REVIEW and incident.claimed_from in {Status.ACCEPTED, Status.DECIDED, Status.REJECTED}:
        rows.update(claimed_from=Status.SECOND_LOOK)  # whoever lets it go now leaves it to the next person
    note_answer(incident, by)


def note_answer(incident: Incident, by: User | None) -> None:
    """Wake a report whose reporter has answered, by words or by a file, and tell those who look after it."""
    if incident.status == Status.WAITING_REPORTER:
        snoozing.wake(incident, by=by, reason=gettext_noop("The reporter has answered"))
    people = {user for user in (incident.assignee, *notices.watchers(incident)) if user}
    notices.tell(
        [user for user in people if user.pk != incident.reporter_id], Notice.Kind.REPORTER, incident=incident, by=by
    )
