"""Which filters, suppressions and rules are in force, for whoever processes events; and how often they are met."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from django.db import connection
from django.db.models import Count, Max

from config.store import is_postgres, moment
from events.models import Filter
from events.stream.rules import Entry, RuleSet
from events.stream.sigma import InvalidRule, Rule, UnsupportedRule, compile_rule

CHECKED_EVERY = 1.0  # seconds between looks at whether rows have changed

_LAST = "last_hit_at = CASE WHEN last_hit_at > %s THEN last_hit_at ELSE %s END"
_ADD = f"UPDATE events_filter SET hits = hits + %s, {_LAST} WHERE id = %s"  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound
_LOCK = "SELECT id FROM events_filter WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"
_ADD_ALL = (
    f"UPDATE events_filter SET hits = hits + met.n, {_LAST}"  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound
    " FROM unnest(%s::bigint[], %s::bigint[]) AS met(pk, n) WHERE id = met.pk"
)

logger = structlog.get_logger(__name__)


@dataclass
class _Held:
    """What this process knows: the rules, the rows that they come from, and until when they hold."""

    rules: RuleSet = field(default_factory=RuleSet)
    compiled: dict[str, Rule] = field(default_factory=dict)
    rows: Any = None
    checked: float = -CHECKED_EVERY
    until: datetime | None = None

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.checked < CHECKED_EVERY and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether one of the rules has expired."""
        return self.until is not None and self.until <= datetime.now(UTC)


_held = _Held()


def rule_set() -> RuleSet:
    """The rules in force, in order. A changed row is noticed within a second, an expiry at once."""
    if not _held.is_fresh:
        rows = Filter.objects.aggregate(n=Count("pk"), changed=Max("changed_at"))
        if rows != _held.rows or _held.is_over:
            _load()
        _held.rows, _held.checked = rows, time.monotonic()
    return _held.rules


def look_again() -> None:
    """Have this process look at the rows the next time that it needs the rules."""
    _held.rows, _held.checked = None, -CHECKED_EVERY


def add_hits(hits: Mapping[int, int], at: float) -> None:
    """Count, per row, the events that met it; `at` is the time of receipt, in seconds since 1970.

    In the order of the keys, so that racing workers never lock crosswise. Plain SQL: by the ORM, one statement a row,
    this cost a quarter of all that an event costs.
    """
    pks, last = sorted(hits), moment(at)
    with connection.cursor() as cursor:
        if is_postgres():
            cursor.execute(_LOCK, [pks])
            cursor.execute(_ADD_ALL, [last, last, pks, [hits[pk] for pk in pks]])
        else:
            cursor.executemany(_ADD, [(hits[pk], last, last, pk) for pk in pks])


def _load() -> None:
    rows = list(Filter.objects.in_force().select_related("source"))
    compiled = {row.sigma: rule for row in rows if (rule := _held.compiled.get(row.sigma) or _compile(row))}
    _held.rules = RuleSet(
        Entry(row.pk, row.kind, row.name, row.source.name if row.source else None, compiled[row.sigma])
        for row in rows
        if row.sigma in compiled
    )
    _held.compiled = compiled
    _held.until = min((row.expires_at for row in rows if row.expires_at), default=None)


def _compile(row: Filter) -> Rule | None:
    """None, and a line in the log, where the condition cannot be understood: its page says why, events go on."""
    try:
        return compile_rule(row.sigma)
    except (InvalidRule, UnsupportedRule) as error:
        logger.error("a filter cannot be used", filter=row.pk, name=row.name, problem=str(error))
        return None
