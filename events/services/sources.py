"""Making and changing sources, by people."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from events.models import EventSource
from incidents.models import User
from incidents.services import audit

ADDRESSED = {EventSource.Kind.REDIS, EventSource.Kind.KAFKA}
SETTINGS = (
    *("kind", "address", "format", "entity_field", "enabled"),
    *("alert_budget", "k", "n", "cooldown_minutes", "retention_days"),
)


@transaction.atomic
def create_source(values: Mapping[str, Any], *, by: User) -> EventSource:
    """A new source; `values` are its name and SETTINGS. Raises ValidationError."""
    source = EventSource(name=values["name"], **{key: values[key] for key in SETTINGS if key in values})
    _check(source)
    source.save()
    audit.record("source.created", actor=by, subject=source.name, settings=_settings(source))
    return source


@transaction.atomic
def change_source(source: EventSource, values: Mapping[str, Any], *, by: User) -> list[str]:
    """Write what differs. Returns the names of the settings that changed. Raises ValidationError."""
    row = EventSource.objects.select_for_update().get(pk=source.pk)
    before = _settings(row)
    for key in SETTINGS:
        if key in values:
            setattr(row, key, values[key])
    _check(row)
    after = _settings(row)
    changed = [key for key in SETTINGS if before[key] != after[key]]
    if changed:
        row.save(update_fields=changed)
        changes = {key: {"before": before[key], "after": after[key]} for key in changed}
        audit.record("source.changed", actor=by, subject=row.name, changes=changes)
    return changed


def _settings(source: EventSource) -> dict[str, Any]:
    return {key: getattr(source, key) for key in SETTINGS}


def _check(source: EventSource) -> None:
    source.address = source.address.strip() if source.kind in ADDRESSED else ""
    if source.kind in ADDRESSED and not source.address:
        raise ValidationError({"address": "Write the stream's key for Redis, or the topic for Kafka."})
    if source.k > source.n:
        raise ValidationError({"k": "This many of the last events cannot be more than the last events themselves."})
    source.full_clean()
