"""What was changed on a report, with before and after: labels, severity, assignee, status, text."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classifier.models import Prediction
from incidents.models import AuditEvent, Incident, Label, Merge, TextRevision, User
from incidents.services.assignment import ASSIGNED, SEVERITY_SET
from incidents.services.reporter_messages import STATUS_CHANGED
from incidents.services.snoozing import SNOOZED, WOKEN

Status = Incident.Status
SHOWN_TEXT = 300  # characters of a text that was added


@dataclass(frozen=True)
class Change:
    """`before` and `after` in words; "" is nothing."""

    at: datetime
    what: str
    before: str
    after: str
    who: User | None = None


def changes(incident: Incident, labels: Iterable[Label], events: Iterable[AuditEvent]) -> list[Change]:
    """Every change, the newest first."""
    found = [*_of_labels(labels), *_of_events(events), *_of_merges(incident), *_of_texts(incident)]
    told = [replace(one, before=incident.told(one.before), after=incident.told(one.after)) for one in found]
    return sorted(told, key=lambda change: change.at, reverse=True)


def _of_labels(labels: Iterable[Label]) -> Iterator[Change]:
    """What stood after each decision and each undoing; a second opinion never stands by itself."""
    moments: list[tuple[datetime, User | None, Label, bool]] = []
    for label in labels:
        if label.slot == Label.Slot.SECOND:
            continue
        moments.append((label.created_at, label.reviewer, label, True))
        if retraction := getattr(label, "retraction", None):
            moments.append((retraction.created_at, retraction.by, label, False))
    standing: list[Label] = []
    for at, who, label, given in sorted(moments, key=lambda moment: moment[0]):
        before = _words_of(standing)
        if given:
            standing.append(label)
        else:
            standing.remove(label)
        yield Change(at, _("Decision"), before, _words_of(standing), who)


def _words_of(standing: list[Label]) -> str:
    if not standing:
        return ""
    label = max(standing, key=lambda one: one.pk)
    paths = "; ".join(path.key for path in label.present_paths)
    return f"{label.get_verdict_display()}: {paths}" if paths else label.get_verdict_display()


def _person(value: Any) -> str:
    """By number; rows of before the chain hold the name itself."""
    return str(User.objects.filter(pk=value).first() or "") if isinstance(value, int) else str(value or "")


def _severity(value: Any) -> str:
    return str(dict(Incident.Severity.choices).get(value, value))


def _status(value: Any) -> str:
    return str(dict(Incident.Status.choices).get(value, value))


_TOLD: dict[str, tuple[str | Promise, Callable[[Any], str]]] = {
    ASSIGNED: (gettext_lazy("Assignee"), _person),
    SEVERITY_SET: (gettext_lazy("Severity"), _severity),
    STATUS_CHANGED: (gettext_lazy("Status"), _status),
}


def _of_events(events: Iterable[AuditEvent]) -> Iterator[Change]:
    for event in events:
        if told := _TOLD.get(event.kind):
            what, words = told
            before, after = (words(event.detail.get(side, "")) for side in ("before", "after"))
            yield Change(event.created_at, str(what), before, after, event.actor)
        elif event.kind in (SNOOZED, WOKEN):
            sides = {"before": Status.WAITING_REPORTER, "after": Status.WAITING_REPORTER} | event.detail
            yield _status_change(event.created_at, sides["before"], sides["after"], event.actor)


def _of_merges(incident: Incident) -> Iterator[Change]:
    for merge in Merge.objects.filter(incident=incident).select_related("by", "undone_by"):
        yield _status_change(merge.created_at, merge.status_before, Status.MERGED, merge.by)
        if merge.undone_at:
            yield _status_change(merge.undone_at, Status.MERGED, _status_after(merge), merge.undone_by)


def _status_after(merge: Merge) -> str:
    """What it was before, or what a model had made of it while it was joined."""
    read = Prediction.objects.filter(incident=merge.incident_id, created_at__lt=merge.undone_at)
    return Status.CLASSIFIED if merge.status_before == Status.NEW and read.exists() else merge.status_before


def _status_change(at: datetime, before: str, after: str, who: User | None) -> Change:
    return Change(at, _("Status"), _status(before), _status(after), who)


def _of_texts(incident: Incident) -> Iterator[Change]:
    before: TextRevision | None = None
    for revision in incident.text_revisions.order_by("number"):
        if before is not None:
            yield Change(revision.created_at, _("Text"), _size(before.text), _what_is_new(before.text, revision.text))
        before = revision


def _size(text: str) -> str:
    return ngettext("%(count)d character", "%(count)d characters", len(text)) % {"count": len(text)}


def _what_is_new(before: str, after: str) -> str:
    """The words that were added at the end; of any other change, how long the text is now."""
    added = after.removeprefix(before).strip()
    return Truncator(added).chars(SHOWN_TEXT) if after.startswith(before) else _size(after)
