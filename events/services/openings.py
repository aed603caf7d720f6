"""What a detection becomes for people: an incident of its own, or evidence of one that is open already."""

from datetime import timedelta

from django.utils import timezone

from events.models import Detection
from incidents.models import Incident
from incidents.services.filing import FiledReport, file_incident
from incidents.services.reviewing import SETTLED
from incidents.texts import MAX_TITLE

MOST_AN_HOUR = 20  # detections of one source and cause that get incidents of their own; further ones join the newest
MOST_QUOTED = 2000  # characters of a log line


def open_incident(detection: Detection, message: str) -> None:
    """Join the open incident of the entity, or of a cause that has hit many entities; else file a new one.

    `message` is the log line of the most telling event.
    """
    incident_id = _of_entity(detection) or _of_wave(detection) or _file(detection, message).pk
    Detection.objects.filter(pk=detection.pk).update(incident=incident_id)


def _of_entity(detection: Detection) -> int | None:
    """The open incident that is about the entity already."""
    others = Detection.objects.filter(entity=detection.entity, incident__isnull=False).exclude(pk=detection.pk)
    return others.exclude(incident__status__in=SETTLED).order_by("-pk").values_list("incident", flat=True).first()


def _of_wave(detection: Detection) -> int | None:
    """The newest open incident of a cause that has hit so many entities within the hour that it is one affair."""
    alike = Detection.objects.filter(source=detection.source, cause=detection.cause).exclude(pk=detection.pk)
    lately = alike.filter(created_at__gt=timezone.now() - timedelta(hours=1), incident__isnull=False)
    newest = list(lately.order_by("-pk").values_list("incident", "incident__status")[:MOST_AN_HOUR])
    if len(newest) < MOST_AN_HOUR or newest[0][1] in SETTLED:
        return None
    return newest[0][0]


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
