"""What a detection becomes for people: an incident of its own, or evidence of one that is open already."""

from events.models import Detection
from incidents.models import Incident
from incidents.services.filing import FiledReport, file_incident
from incidents.services.reviewing import SETTLED
from incidents.texts import MAX_TITLE

MOST_OPEN = 20  # open incidents of one source and cause; further entities join the newest of them
MOST_QUOTED = 2000  # characters of a log line


def open_incident(detection: Detection, message: str) -> None:
    """Join the open incident of the entity, or of a cause that has hit many entities; else file a new one.

    `message` is the log line of the most telling event.
    """
    undecided = Incident.objects.filter(detections__isnull=False).exclude(status__in=SETTLED)
    incident = undecided.filter(detections__entity=detection.entity).order_by("-pk").first()
    if incident is None:
        alike = undecided.filter(detections__source=detection.source, detections__cause=detection.cause)
        newest = list(alike.order_by("-pk").distinct()[:MOST_OPEN])
        incident = newest[0] if len(newest) == MOST_OPEN else _file(detection, message)
    detection.incident = incident
    detection.save(update_fields=["incident"])


def _file(detection: Detection, message: str) -> Incident:
    who = f"{detection.entity.kind} {detection.entity.name}"
    title = _printable(f"{detection.cause[:1].upper()}{detection.cause[1:]}: {who} ({detection.source})")
    told = [_printable(sentence) for sentence in detection.explanation] or ["A detection rule matched."]
    lines = [
        f"The event source {detection.source} shows unusual activity of {_printable(who)}.",
        "",
        *(f"- {sentence}" for sentence in told),
    ]
    if message:
        lines += ["", f"Log entry: {_printable(message)[:MOST_QUOTED]}"]
    report = FiledReport(title=title[:MAX_TITLE], text="\n".join(lines), noticed_at=detection.first_seen)
    return file_incident(report, source=Incident.Source.DETECTION).incident


def _printable(text: str) -> str:
    """Events may hold anything; a report holds text."""
    return "".join(sign if sign.isprintable() else " " for sign in text).replace("\ufffd", "?")
