"""Rows for tests of filters."""

import hashlib
from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np
from django.utils import timezone

from events.models import Entity, Event, EventSource, FeatureSet, Filter
from events.services.filter_drafts import Draft

_numbers = count(1)

SIGMA = "title: Quiet bob\nlogsource:\n  product: caseloop\ndetection:\n  who:\n    user.name: bob\n  condition: who\n"


def make_source(name: str = "", **overrides: Any) -> EventSource:
    return EventSource.objects.create(name=name or f"source-{next(_numbers)}", **overrides)


def make_draft(**overrides: Any) -> Draft:
    values: dict[str, Any] = {"name": "Quiet bob", "kind": "filter", "source": None, "sigma": SIGMA, "reason": "Noise"}
    return Draft(**values | overrides)


def make_filter(**overrides: Any) -> Filter:
    """In force, unless `enabled` says otherwise; behind all others."""
    values: dict[str, Any] = {"name": f"filter {next(_numbers)}", "sigma": SIGMA, "reason": "Noise", "enabled": True}
    values["position"] = 1000 + next(_numbers)
    return Filter.objects.create(**values | overrides)


def make_event(source: EventSource, fields: dict[str, Any], **overrides: Any) -> Event:
    now = timezone.now()
    key = hashlib.sha256(str(next(_numbers)).encode()).digest()[:16]
    entity, _ = Entity.objects.get_or_create(
        source=source, kind="user.name", name="bob", defaults={"first_seen": now, "last_seen": now}
    )
    names, _ = FeatureSet.objects.get_or_create(source=source, digest="d", defaults={"names": []})
    received = overrides.pop("received_at", now - timedelta(minutes=5))
    values: dict[str, Any] = {
        "source": source, "key": key, "content": 1, "at": received, "received_at": received, "day": received.date(),
        "entity": entity, "fields": fields, "feature_set": names, "features": np.zeros(0).tobytes(),
        "decision": Event.Decision.ORDINARY,
    }  # fmt: skip
    return Event.objects.create(**values | overrides)
