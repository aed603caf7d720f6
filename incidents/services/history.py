"""A report's whole story, from the rows that nobody rewrites."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from classifier.models import Prediction
from incidents.models import AuditEvent, Incident, Label, User
from incidents.models.opinion import PASSED_ON, TAKEN_UP
from incidents.services.reviewing import SKIP_UNDONE, SKIPPED

# Told by rows of their own, or told better by them; or nobody is to know that somebody was asked a second time.
_TOLD_ELSEWHERE = {"incident.filed", "incident.labelled", "incident.label_undone", PASSED_ON, TAKEN_UP}
_WORDS = {SKIPPED: "Skipped", SKIP_UNDONE: "Took the skip back"}


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `undone` marks a decision that was taken back later."""

    at: datetime
    what: str
    icon: str
    who: User | None = None
    detail: str = ""
    undone: bool = False


def history(incident: Incident, labels: Iterable[Label]) -> list[Entry]:
    """Everything that happened to a report, the newest first. `labels`: its `labels_of`."""
    entries = [
        Entry(incident.created_at, "Filed", "file-text", incident.reporter, incident.get_source_display()),
        *_rewordings(incident),
        *_predictions(incident),
        *_labels(labels),
        *_other_events(incident),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def labels_of(incident: Incident) -> list[Label]:
    """Every decision, undone ones too, the newest first."""
    labels = incident.labels.select_related("reviewer", "retraction__by")
    return list(labels.prefetch_related("paths__categories", "paths__sub_category").order_by("-pk"))


def _rewordings(incident: Incident) -> Iterator[Entry]:
    for revision in incident.text_revisions.filter(number__gt=1):
        yield Entry(revision.created_at, "Text changed", "file-text", detail=f"Revision {revision.number}")


def _predictions(incident: Incident) -> Iterator[Entry]:
    for prediction in Prediction.objects.filter(incident=incident).select_related("version"):
        detail = "It was unsure" if prediction.unsure else ""
        yield Entry(prediction.created_at, f"Classified by {prediction.version.name}", "cpu", detail=detail)


def _labels(labels: Iterable[Label]) -> Iterator[Entry]:
    for label in labels:
        retraction = getattr(label, "retraction", None)
        words = [path.key for path in label.paths.all()] + [label.reason] * bool(label.reason)
        what, detail = label.get_verdict_display(), "; ".join(words)
        yield Entry(label.created_at, what, "tags", label.reviewer, detail, undone=retraction is not None)
        if retraction:
            yield Entry(retraction.created_at, f"Took back: {what.lower()}", "arrow-back-up", retraction.by)


def _other_events(incident: Incident) -> Iterator[Entry]:
    for event in AuditEvent.objects.filter(incident=incident).exclude(kind__in=_TOLD_ELSEWHERE).select_related("actor"):
        what = _WORDS.get(event.kind, event.kind.replace("incident.", "").replace("_", " ").capitalize())
        yield Entry(event.created_at, what, "history", event.actor, str(event.detail.get("reason", "")))
