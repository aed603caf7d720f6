"""What flagged events are looked up in. Without a table it costs one small query every few seconds."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from events.models import LookupTable
from events.services.lookups import opened
from events.stream.answer_cache import Answer
from events.stream.enrichment import TIME, enrich
from events.stream.enrichment_plug import Enricher, Plug

LOOK_SECONDS = 3.0  # after which a process notices a change
BATCH_TIME = 1.0  # seconds that all look-ups of a micro-batch may take together
FAILURES = "failed"  # where a record tells which tables had no answer, beside those that had one

_plugs: dict[int, Plug] = {}
_told: dict[int, str] = {}
_look_again = 0.0


class Table:
    """A table that is opened when it is asked first: in the thread of its plug, so that no batch waits for it."""

    def __init__(self, row: LookupTable) -> None:
        self.name, self.field, self._row = row.name, row.field, row
        self._table: Enricher | None = None

    def lookup(self, value: str) -> Answer:
        """Raises BadTable as long as it cannot be read."""
        if self._table is None:
            self._table = opened(self._row)
        return self._table.lookup(value)


def enrich_events(fields: Sequence[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any] | None]]:
    """Per event the state (a value of `Event.Enriched`) and what was found, by table."""
    tables = list(plugs().values())
    if not tables:
        return [("", None)] * len(fields)
    end = time.monotonic() + BATCH_TIME
    found = [enrich(one, tables, min(TIME, max(0.0, end - time.monotonic()))) for one in fields]
    transaction.on_commit(_tell)  # afterwards, so that no micro-batch holds the row of a table
    failed = [{FAILURES: one.failures} if one.failures else {} for one in found]
    return [(one.state, one.data | more or None) for one, more in zip(found, failed, strict=True)]


def plugs() -> dict[int, Plug]:
    """The tables in force, by their rows' keys; those that this process knows keep their caches."""
    global _look_again
    if time.monotonic() >= _look_again:
        rows = {row.pk: row for row in LookupTable.objects.filter(enabled=True)}
        for pk in _plugs.keys() - rows.keys():
            _plugs.pop(pk).close()
            _told.pop(pk, None)
        _plugs.update({pk: Plug(Table(row)) for pk, row in rows.items() if pk not in _plugs})
        _told.update({pk: row.error for pk, row in rows.items() if pk not in _told})
        _look_again = time.monotonic() + LOOK_SECONDS
    return _plugs


def forget() -> None:
    """Drop what this process has opened."""
    global _look_again
    for plug in _plugs.values():
        plug.close()
    _look_again = 0.0
    _plugs.clear()
    _told.clear()


def _tell() -> None:
    """Show on the page of tables why the last look-up failed, and that none does any more."""
    for pk, plug in _plugs.items():
        reason = plug.reason[:300]
        if plug.asked and _told.get(pk) != reason:
            LookupTable.objects.filter(pk=pk).update(error=reason)
            _told[pk] = reason
