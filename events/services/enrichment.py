"""What flagged events are looked up in. Without a table it costs nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.services.lookups import plugs, tell_failures
from events.stream.enrichment import enrich
from events.stream.json_values import storable


def enrich_events(fields: Sequence[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any] | None]]:
    """Per event the state (a value of `Event.Enriched`) and what was found, by table; failures are told on their page."""
    tables = plugs()
    if not tables:
        return [("", None)] * len(fields)
    found = [enrich(one, tables) for one in fields]
    if failures := {name: reason for one in found for name, reason in one.failures.items()}:
        tell_failures(failures)
    return [(one.state, _told(one.data, one.failures)) for one in found]


def _told(data: dict[str, Any], failures: dict[str, str]) -> dict[str, Any] | None:
    told = {**data, **({"failed": failures} if failures else {})}
    return {name: storable(value) for name, value in told.items()} or None
