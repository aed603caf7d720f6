"""What webhooks are told: numbers, names and states. Never a report's text, and nothing of the person who filed it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse

from classifier.models import Prediction, Promotion, TrainingRun
from incidents.models import Incident, Label, Path, Webhook

Event = Webhook.Event
Payload = dict[str, Any]


def payloads(event: str, ids: Sequence[int]) -> dict[int, Payload]:
    """The payload of each object that is still there, by its number, in a constant number of queries.

    `ids` number reports (filed), predictions, labels (decided), trainings or promotions.
    """
    return {pk: {"event": str(event)} | payload for pk, payload in MAKERS[event](ids).items()}


def address(name: str, pk: int) -> str:
    return settings.PUBLIC_URL.geturl().rstrip("/") + reverse(name, args=[pk])


def _filed(ids: Sequence[int]) -> dict[int, Payload]:
    return {one.pk: {"report": _report(one)} for one in Incident.objects.filter(pk__in=ids)}


def _predicted(ids: Sequence[int]) -> dict[int, Payload]:
    """Without what the audit hides until the report is decided."""
    found = list(Prediction.objects.filter(pk__in=ids).select_related("incident", "version").defer("distribution"))
    reading = Path.objects.reading()
    keys = Path.objects.in_bulk({path for one in found for path in reading.ids(one.path_ids)})
    return {
        one.pk: {
            "report": _report(one.incident),
            "prediction": None
            if one.incident.hides_prediction
            else {
                "model": one.version.name,
                "labels": [keys[path].key for path in reading.ids(one.path_ids)],
                "confidence": one.confidence,
                "unsure": one.unsure,
                "unusual": one.anomaly,
            },
        }
        for one in found
    }


def _decided(ids: Sequence[int]) -> dict[int, Payload]:
    labels = (
        Label.objects.filter(pk__in=ids)
        .select_related("incident")
        .prefetch_related(Prefetch("paths", Path.objects.with_names()))
    )
    return {
        one.pk: {
            "report": _report(one.incident),
            "decision": {
                "number": one.pk,
                "verdict": one.verdict,
                "labels": [path.key for path in one.present_paths],
                "by": one.reviewer_id,
                "model": one.shown_model or None,
                "bulk_run": one.bulk_id,
            },
        }
        for one in labels
    }


def _trained(ids: Sequence[int]) -> dict[int, Payload]:
    return {
        one.pk: {
            "training": {
                "number": one.pk,
                "line": one.line,
                "base_model": one.base_model,
                "status": one.status,
                "model": one.version.name if one.version else None,
            }
        }
        for one in TrainingRun.objects.filter(pk__in=ids).select_related("version")
    }


def _promoted(ids: Sequence[int]) -> dict[int, Payload]:
    return {
        one.pk: {
            "promotion": {
                "number": one.pk,
                "action": one.action,
                "line": one.version.line,
                "model": one.version.name,
                "replaced": one.replaced.name if one.replaced else None,
                "by": one.by_id,
            }
        }
        for one in Promotion.objects.filter(pk__in=ids).select_related("version", "replaced")
    }


def _report(incident: Incident) -> Payload:
    return {
        "number": incident.pk,
        "url": address("incident", incident.pk),
        "source": incident.source,
        "status": incident.status,
        "severity": incident.get_severity_display() if incident.severity else None,
        "filed_at": incident.created_at.isoformat(timespec="seconds"),
    }


def _pinged(ids: Sequence[int]) -> dict[int, Payload]:
    return {one.pk: {"webhook": one.name} for one in Webhook.objects.filter(pk__in=ids)}


MAKERS: Mapping[str, Callable[[Sequence[int]], dict[int, Payload]]] = {
    Event.FILED: _filed,
    Event.PREDICTED: _predicted,
    Event.DECIDED: _decided,
    Event.TRAINED: _trained,
    Event.PROMOTED: _promoted,
    Event.PING: _pinged,
}
