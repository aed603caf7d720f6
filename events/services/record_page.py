"""What the page of one enriched record shows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from events.models import Event, SourceMinute, ValueCount
from events.services.enrichment import FAILURES
from events.services.feature_words import Feature, features_of


@dataclass(frozen=True)
class Lookup:
    """What a table said of the event, or why it said nothing."""

    table: str
    answer: str
    failed: bool = False


@dataclass(frozen=True)
class RecordPage:
    """`fields` as (name, text); `threshold` is the one in force in the minute of receipt."""

    event: Event
    fields: Sequence[tuple[str, str]]
    features: Sequence[Feature]
    notable: Sequence[Feature]
    template: str
    threshold: float | None
    lookups: Sequence[Lookup]
    key: str


def record_page(event: Event) -> RecordPage:
    features = features_of(event)
    return RecordPage(
        event=event,
        fields=_texts(event.fields),
        features=features,
        notable=sorted((one for one in features if one.weight), key=lambda one: -one.weight),
        template=_template(event),
        threshold=_threshold(event),
        lookups=_lookups(event.enrichment or {}),
        key=bytes(event.key).hex(),
    )


def _lookups(found: dict[str, Any]) -> list[Lookup]:
    """As `enrichment.enrich_events` stores them: answers by table, and under a name of its own who failed."""
    answers = [(table, said) for table, said in found.items() if table != FAILURES]
    said = [Lookup(table, ", ".join(f"{name} {text}" for name, text in _texts(answer))) for table, answer in answers]
    return said + [Lookup(table, _text(reason), failed=True) for table, reason in found.get(FAILURES, {}).items()]


def _texts(values: Any) -> list[tuple[str, str]]:
    listed = values.items() if isinstance(values, dict) else enumerate(values, 1)
    return sorted((str(name), _text(value)) for name, value in listed)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _template(event: Event) -> str:
    if event.template_id is None:
        return ""
    return ValueCount.objects.filter(pk=event.template_id).values_list("value", flat=True).first() or ""


def _threshold(event: Event) -> float | None:
    if event.score is None:
        return None
    minute = event.received_at.replace(second=0, microsecond=0)
    rows = SourceMinute.objects.filter(
        source_id=event.source_id, minute__gte=minute, minute__lt=minute + dt.timedelta(minutes=1)
    )
    return rows.values_list("threshold", flat=True).first()
