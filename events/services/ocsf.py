"""Detections as Detection Findings of the Open Cybersecurity Schema Framework, version 1.3 (class 2004).

A confirmed detection is told as resolved, a dismissed one as suppressed: its like is let pass from then on. Severity
goes by the risk band of the score; what a rule picked without a score is medium. Times are milliseconds since 1970.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import config
from events.models import Detection
from events.services.filter_suppressions import RULE_CAUSE
from events.stream.prompts import risk_band

VERSION = "1.3.0"
CATEGORY, CLASS = 2, 2004
CREATE, CLOSE = 1, 3
ACTIVITIES = {CREATE: "Create", CLOSE: "Close"}
STATUSES = {
    Detection.Status.OPEN: (1, "New"),
    Detection.Status.CONFIRMED: (4, "Resolved"),
    Detection.Status.DISMISSED: (3, "Suppressed"),
}
SEVERITIES = {2: "Low", 3: "Medium", 4: "High", 5: "Critical"}
MEDIUM = 3
SEVERITY_OF_BAND = (2, 3, 4, 5)
RULE, LEARNING = (1, "Rule"), (4, "Learning (ML/DL)")
OBSERVABLES = {
    "host.name": (1, "Hostname"),
    "source.ip": (2, "IP Address"),
    "destination.ip": (2, "IP Address"),
    "user.name": (4, "User Name"),
    "user.email": (5, "Email Address"),
    "process.name": (9, "Process Name"),
}
OTHER = (99, "Other")


def finding(detection: Detection, events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`events` are what the finding shows as evidence, as (pk, at, fields). Needs source and entity; no query."""
    activity = CREATE if detection.status == Detection.Status.OPEN else CLOSE
    status_id, status = STATUSES[Detection.Status(detection.status)]
    severity_id = _severity(detection)
    return {
        "activity_id": activity,
        "activity_name": ACTIVITIES[activity],
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + activity,
        "type_name": f"Detection Finding: {ACTIVITIES[activity]}",
        "severity_id": severity_id,
        "severity": SEVERITIES[severity_id],
        "status_id": status_id,
        "status": status,
        "status_detail": detection.get_status_display(),
        "time": _milliseconds(detection.last_seen),
        "start_time": _milliseconds(detection.first_seen),
        "end_time": _milliseconds(detection.last_seen),
        "count": detection.count,
        "message": _title(detection),
        "metadata": _metadata(detection),
        "finding_info": _finding_info(detection),
        "evidences": [_evidence(event) for event in events],
        "observables": [_observable(detection)],
        "unmapped": _unmapped(detection),
    }


def _severity(detection: Detection) -> int:
    return MEDIUM if detection.percentile is None else SEVERITY_OF_BAND[risk_band(detection.percentile)]


def _title(detection: Detection) -> str:
    return f"{detection.cause}: {detection.entity.name}"


def _metadata(detection: Detection) -> dict[str, Any]:
    return {
        "version": VERSION,
        "uid": f"detection-{detection.pk}",
        "product": {"name": "Caseloop", "vendor_name": "Caseloop", "version": config.__version__},
        "log_name": detection.source.name,
        "logged_time": _milliseconds(detection.created_at),
    }


def _finding_info(detection: Detection) -> dict[str, Any]:
    kind_id, kind = RULE if detection.cause.startswith(RULE_CAUSE) else LEARNING
    sentences = [one for one in detection.explanation if isinstance(one, str)]
    return {
        "uid": f"detection-{detection.pk}",
        "title": _title(detection),
        "desc": " ".join(sentences) or f"{detection.count:,} events of {detection.entity.name}: {detection.cause}.",
        "created_time": _milliseconds(detection.created_at),
        "first_seen_time": _milliseconds(detection.first_seen),
        "last_seen_time": _milliseconds(detection.last_seen),
        "analytic": {"uid": detection.cause, "name": detection.cause, "type_id": kind_id, "type": kind},
    }


def _evidence(event: Mapping[str, Any]) -> dict[str, Any]:
    fields = event["fields"]
    shown: dict[str, Any] = {
        "data": {"event": event["pk"], "time": _milliseconds(event["at"]), "fields": fields},
        "actor": {"user": {"name": fields.get("user.name")}},
        "src_endpoint": {"ip": fields.get("source.ip")},
        "dst_endpoint": {"ip": fields.get("destination.ip")},
    }
    return {name: value for name, value in shown.items() if name == "data" or _is_told(value)}


def _is_told(value: Any) -> bool:
    """Whether an object holds a text at its end."""
    return any(map(_is_told, value.values())) if isinstance(value, dict) else isinstance(value, str)


def _observable(detection: Detection) -> dict[str, Any]:
    type_id, kind = OBSERVABLES.get(detection.entity.kind, OTHER)
    return {"name": detection.entity.kind, "type_id": type_id, "type": kind, "value": detection.entity.name}


def _unmapped(detection: Detection) -> dict[str, Any]:
    """What the class has no attribute for."""
    return {
        "score": detection.score,
        "percentile": detection.percentile,
        "threshold": detection.threshold,
        "template": detection.template,
        "incident": detection.incident_id,
    }


def _milliseconds(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)
