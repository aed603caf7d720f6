"""Writing enriched records: one row an event, with every feature, score, version and decision."""

import datetime as dt
import math
from collections.abc import Sequence
from itertools import count
from typing import Any, Literal

import orjson
from django.db import connection

from config.store import Insert, is_postgres, known, moment
from events.models import Event, EventSource
from events.services.batch import Batch
from events.services.evidence import Evidence

_EVENTS = Insert(
    Event,
    (
        *("source_id", "key", "content", "given_id", "at", "received_at", "day", "entity_id", "fields", "problem"),
        *("template_id", "feature_set_id", "features", "decision", "filter_id"),
        *("score", "percentile", "detector_id", "shadow_score"),
        *("threat", "answer_id", "enriched", "enrichment"),
    ),
    "ON CONFLICT (source_id, key) DO NOTHING",
)


class Raced(Exception):
    """Another worker stored one of these events at this very moment: roll back, and do the batch again."""


def write(source: EventSource, batch: Batch, received: float) -> None:
    """Insert the records. Raises Raced."""
    if _EVENTS.run(_rows(source, batch, received)) < len(batch.arrivals):
        raise Raced


def _rows(source: EventSource, batch: Batch, received: float) -> list[tuple[Any, ...]]:
    now = moment(received)
    day = dt.datetime.fromtimestamp(received, dt.UTC).date().isoformat()
    version = batch.judged.serving.version
    aggregated, judged = batch.aggregated, batch.judged
    return [
        (
            *(source.pk, one.key.key, one.key.content, one.reading.given_id, moment(one.at), now, day, entity_id),
            *(orjson.dumps(one.reading.fields).decode(), "; ".join(one.reading.problems)[:200]),
            *(template_id, batch.names.pk, row.tobytes(), decision, match.id if match else None),
            *(known(score), known(percentile), None if math.isnan(score) or version is None else version.pk),
            known(shadow),
            *_evidence(batch.evidence.get(place)),
        )
        for place, one, entity_id, template_id, row, decision, match, score, percentile, shadow in zip(
            count(), batch.arrivals, aggregated.entity_ids, aggregated.template_ids, aggregated.rows,
            judged.decisions, batch.matches, judged.scores.tolist(), judged.percentiles.tolist(),
            judged.shadow_scores.tolist(), strict=False,
        )
    ]  # fmt: skip


def _evidence(evidence: Evidence | None) -> tuple[Any, ...]:
    if evidence is None:
        return Event.Threat.NONE.value, None, Event.Enriched.NONE.value, None
    data = None if evidence.enrichment is None else orjson.dumps(evidence.enrichment).decode()
    return str(evidence.threat), evidence.answer_id, str(evidence.enriched), data


def stored(source: EventSource, keys: Sequence[bytes], column: Literal["id", "content"]) -> dict[bytes, int]:
    """Row numbers, or digests of contents, of those keys that are stored."""
    if is_postgres():
        # Key by key: without statistics, its planner would read every event of the source.
        one = f"SELECT key, {column} FROM events_event WHERE source_id = %s AND key = asked.key LIMIT 1"  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound
        sql = f"SELECT found.* FROM unnest(%s::bytea[]) AS asked(key) CROSS JOIN LATERAL ({one}) AS found"  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound
        parameters: list[Any] = [list(keys), source.pk]
    else:
        listed = ", ".join(["%s"] * len(keys))
        sql = f"SELECT key, {column} FROM events_event WHERE source_id = %s AND key IN ({listed})"  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound
        parameters = [source.pk, *keys]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return {bytes(key): value for key, value in cursor.fetchall()}
