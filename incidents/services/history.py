"""A report's whole story, from the rows that nobody rewrites."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classifier.models import Prediction
from incidents.markdown import as_words
from incidents.models import Attachment, AuditEvent, Comment, Incident, Label, Path, ReporterMessage, User
from incidents.models.opinion import PASSED_ON, SET_ASIDE, TAKEN_UP
from incidents.services.assignment import ASSIGNED, SEVERITY_SET
from incidents.services.attachments import ATTACHED
from incidents.services.comments import COMMENTED
from incidents.services.doubts_page import ASKED_AGAIN, KEPT
from incidents.services.legal_holds import HELD, LIFTED
from incidents.services.merging import JOINED, LEFT, MERGED, UNMERGED
from incidents.services.passed_on import reason_of
from incidents.services.reporter_messages import DISPUTED, FACTS_ADDED, STATUS_CHANGED
from incidents.services.revealing import REVEALED
from incidents.services.reviewing import SKIP_UNDONE, SKIPPED
from incidents.services.snoozing import SNOOZED, WOKEN

SHOWN_WORDS = 200  # characters of a comment or message in a line of the story

# Told by rows of their own, or told better by them; or told by `changes`, as what has a before and an after; or nobody
# is to know that somebody was asked a second time.
_TOLD_ELSEWHERE = {
    "incident.filed", "incident.labelled", "incident.label_undone", COMMENTED, ATTACHED, DISPUTED, FACTS_ADDED,
    STATUS_CHANGED, PASSED_ON, TAKEN_UP, SET_ASIDE,
}  # fmt: skip
_WORDS: dict[str, str | Promise] = {
    SKIPPED: gettext_lazy("Skipped"),
    SKIP_UNDONE: gettext_lazy("Took the skip back"),
    ASSIGNED: gettext_lazy("Assigned"),
    SEVERITY_SET: gettext_lazy("Severity set"),
    SNOOZED: gettext_lazy("Snoozed"),
    WOKEN: gettext_lazy("Woken"),
    MERGED: gettext_lazy("Joined to another report"),
    UNMERGED: gettext_lazy("Taken apart again"),
    JOINED: gettext_lazy("Another report was joined to it"),
    LEFT: gettext_lazy("A joined report was taken apart"),
    KEPT: gettext_lazy("Label kept though it was in doubt"),
    ASKED_AGAIN: gettext_lazy("Label left to doubt again"),
    REVEALED: gettext_lazy("Saw the personal data"),
    HELD: gettext_lazy("Legal hold set"),
    LIFTED: gettext_lazy("Legal hold lifted"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `undone` marks a decision that was taken back later."""

    at: datetime
    what: str
    icon: str
    who: User | None = None
    detail: str = ""
    undone: bool = False


@dataclass(frozen=True)
class Happened:
    """The rows that a report's story is told from."""

    labels: Sequence[Label]
    comments: Sequence[Comment]
    messages: Sequence[ReporterMessage]
    attachments: Sequence[Attachment]
    events: Sequence[AuditEvent]


def history(incident: Incident, happened: Happened) -> list[Entry]:
    """Everything that happened to a report, the newest first."""
    entries = [
        Entry(incident.created_at, _("Filed"), "file-text", incident.reporter, incident.get_source_display()),
        *_rewordings(incident),
        *_predictions(incident),
        *_labels(happened.labels),
        *_words(happened),
        *_other_events(happened.events),
    ]
    told = [replace(entry, detail=incident.told(entry.detail)) for entry in entries]
    return sorted(told, key=lambda entry: entry.at, reverse=True)


def labels_of(incident: Incident) -> list[Label]:
    """Every decision, undone ones too, the newest first."""
    labels = incident.labels.select_related("reviewer", "retraction__by")
    return list(labels.prefetch_related(Prefetch("paths", Path.objects.with_names())).order_by("-pk"))


def events_of(incident: Incident) -> list[AuditEvent]:
    """What was recorded of a report, the oldest first."""
    return list(AuditEvent.objects.filter(incident=incident).select_related("actor", "passing_reason").order_by("pk"))


def _rewordings(incident: Incident) -> Iterator[Entry]:
    for number, at in incident.text_revisions.filter(number__gt=1).values_list("number", "created_at"):
        yield Entry(at, _("Text changed"), "file-text", detail=_("Revision %(number)d") % {"number": number})


def _predictions(incident: Incident) -> Iterator[Entry]:
    if incident.hides_prediction:
        return
    for prediction in Prediction.objects.filter(incident=incident).select_related("version").defer("distribution"):
        what = _("Classified by %(version)s") % {"version": prediction.version.name}
        yield Entry(prediction.created_at, what, "cpu", detail=_("It was unsure") if prediction.unsure else "")


def _labels(labels: Iterable[Label]) -> Iterator[Entry]:
    for label in labels:
        retraction = getattr(label, "retraction", None)
        words = [path.key for path in label.present_paths] + [label.reason] * bool(label.reason)
        what, detail = label.get_verdict_display(), "; ".join(words)
        yield Entry(label.created_at, what, "tags", label.reviewer, detail, undone=retraction is not None)
        if retraction:
            taken_back = _("Took back: %(what)s") % {"what": what.lower()}
            yield Entry(retraction.created_at, taken_back, "arrow-back-up", retraction.by)


def _words(happened: Happened) -> Iterator[Entry]:
    for comment in happened.comments:
        what = _("Replied to the reporter") if comment.to_reporter else _("Commented")
        yield Entry(
            comment.created_at, what, "user", comment.author, Truncator(as_words(comment.text)).chars(SHOWN_WORDS)
        )
    for message in happened.messages:
        what = _("The reporter: %(kind)s") % {"kind": message.get_kind_display().lower()}
        yield Entry(message.created_at, what, "user-question", detail=Truncator(message.text).chars(SHOWN_WORDS))
    for attachment in happened.attachments:
        yield Entry(attachment.created_at, _("Attached a file"), "file-plus", attachment.by, attachment.name)


def _other_events(events: Iterable[AuditEvent]) -> Iterator[Entry]:
    for event in events:
        if event.kind not in _TOLD_ELSEWHERE:
            what = str(_WORDS.get(event.kind, event.kind))
            reason = reason_of(event)
            if reason and event.kind == WOKEN:  # the others were written by people
                reason = _(reason)
            yield Entry(event.created_at, what, "history", event.actor, reason)
