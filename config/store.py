"""Reading and writing rows by the thousand: one statement for many rows, the same on SQLite and PostgreSQL.

The ORM cannot merge in an upsert (`ON CONFLICT DO UPDATE SET n = n + excluded.n`), which is what keeps aggregates exact
while workers race, and it spends more on a row than the database does. SQL is made here from constants of the callers
and names of columns, never from data.
"""

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import orjson
from django.db import connection
from django.db.models import DateTimeField, DecimalField, Field, JSONField, Model, QuerySet

Row = Sequence[Any]
DELETED_AT_ONCE = 1_000  # rows of one statement: others wait for a writer of SQLite no longer than that takes


@dataclass(frozen=True)
class Insert:
    """Rows of `columns` into a model's table. `clause` is what follows: ON CONFLICT ..., with {t} for the table.

    In it, {least} and {greatest} are the engine's names for the smaller and larger of two values.
    """

    model: type[Model]
    columns: tuple[str, ...]
    clause: str = ""
    _sql: list[str] = field(default_factory=list, compare=False)  # made once

    def run(self, rows: Sequence[Row]) -> int:
        """Write rows; how many were written or merged."""
        if not rows:
            return 0
        with connection.cursor() as cursor:
            if is_postgres():
                cursor.execute(self._statement(), [_array(column) for column in zip(*rows, strict=True)])
            else:
                cursor.executemany(self._statement(), rows)
            return int(cursor.rowcount)

    def returning(self, rows: Sequence[Row], *columns: str) -> list[tuple[Any, ...]]:
        """As `run`, and the given columns of the rows that were really written."""
        if not rows:
            return []
        tail = f" RETURNING {', '.join(columns)}"
        with connection.cursor() as cursor:
            if is_postgres():
                cursor.execute(self._statement() + tail, [_array(column) for column in zip(*rows, strict=True)])
            else:
                values = ", ".join([f"({', '.join(['%s'] * len(self.columns))})"] * len(rows))
                sql = f"INSERT INTO {self._table} ({', '.join(self.columns)}) VALUES {values} {self._clause()}{tail}"  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound
                cursor.execute(sql, [value for row in rows for value in row])
            return list(cursor.fetchall())

    @property
    def _table(self) -> str:
        return self.model._meta.db_table

    def _clause(self) -> str:
        least, greatest = ("least", "greatest") if is_postgres() else ("min", "max")
        return self.clause.format(t=self._table, least=least, greatest=greatest)

    def _statement(self) -> str:
        if not self._sql:
            source = self._unnested() if is_postgres() else self._placeholders()
            self._sql.append(f"INSERT INTO {self._table} ({', '.join(self.columns)}) {source} {self._clause()}")
        return self._sql[0]

    def _placeholders(self) -> str:
        return f"VALUES ({', '.join(['%s'] * len(self.columns))})"

    def _unnested(self) -> str:
        """One array a column: a statement of constant length, whatever the number of rows."""
        kinds = [self._kind(column) for column in self.columns]
        arrays = ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for kind in kinds)
        picked = ", ".join(f"c{i}::jsonb" if kind == "jsonb" else f"c{i}" for i, kind in enumerate(kinds))
        return f"SELECT {picked} FROM unnest({arrays}) AS r({', '.join(f'c{i}' for i in range(len(kinds)))})"  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound

    def _kind(self, column: str) -> str:
        (one,) = (one for one in self.model._meta.concrete_fields if one.column == column)
        kind = one.rel_db_type(connection) if one.primary_key else one.db_type(connection)
        assert kind is not None, "every column that is written has a type"
        return kind.partition("(")[0]  # a cast to varchar(10) would cut what is longer, where the column refuses it


def insert_alike(model: type[Model], columns: Mapping[str, Sequence[Any]], **shared: Any) -> None:
    """Insert rows as `bulk_create` would, given by column: a value a row in `columns`, one for all rows in `shared`.

    Both name fields as attributes of a row do (`reviewer_id`). The other fields get their defaults.
    """
    count = len(next(iter(columns.values())))
    given = {name: [value] * count for name, value in shared.items()} | {**columns}
    written = [
        one for one in model._meta.concrete_fields if one.attname in given or not (one.primary_key or one.generated)
    ]
    rows = zip(*(_as_taken(one, given.get(one.attname) or _defaults(one, count)) for one in written), strict=True)
    Insert(model, tuple(str(one.column) for one in written)).run(list(rows))


def _defaults(one: "Field[Any, Any]", count: int) -> list[Any]:
    if callable(one.default) and one.has_default():  # a number by chance, a token: each row's own
        return [one.get_default() for _ in range(count)]
    return [one.get_default()] * count


def _as_taken(one: "Field[Any, Any]", values: Sequence[Any]) -> Sequence[Any]:
    """A column's values as the driver takes them: most as they are, since to ask Django takes longer than to write."""
    if isinstance(one, JSONField):
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    if isinstance(one, DateTimeField):
        return [_at(value) for value in values]
    if isinstance(one, DecimalField):
        return [one.get_db_prep_save(value, connection) for value in values]
    return values


@lru_cache(maxsize=8192)
def _at(value: dt.datetime | None) -> Any:
    """As `moment`; rows that are written together often have one time."""
    return DateTimeField().get_db_prep_save(value, connection)


def reserve_ids(model: type[Model], count: int) -> list[int]:
    """Numbers for new rows, ascending, which nobody else is given.

    Call it in the transaction that writes these rows, and write no others of the model in between.
    """
    assert connection.in_atomic_block, "SQLite keeps others away by the transaction alone"
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if is_postgres():
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sequence, [table, count])
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + count))


def select(sql: str, values: Iterable[Any], *before: Any) -> list[tuple[Any, ...]]:
    """Rows of a query for any number of values (numbers or texts), which it takes as `IN {values}` or `FROM {values}`.

    In the latter, a column `value` holds them. `before` are the parameters that stand ahead of it.
    """
    listed = list(values)
    last: Any
    if not listed:
        return []
    if is_postgres():
        kind = "text" if isinstance(listed[0], str) else "bigint"
        statement = sql.replace("IN {values}", f"= ANY(%s::{kind}[])")
        statement, last = statement.replace("{values}", f"unnest(%s::{kind}[]) AS r(value)"), _array(listed)
    else:
        statement = sql.replace("IN {values}", "IN (SELECT value FROM json_each(%s))")
        statement, last = statement.replace("{values}", "json_each(%s) AS r"), json.dumps(listed)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*before, last])
        return list(cursor.fetchall())


def _array(column: Sequence[Any]) -> str:
    """A column of one type as PostgreSQL spells an array; the driver would take as long as the server's own work."""
    first = next((value for value in column if value is not None), None)
    if isinstance(first, bytes):
        return _braced(None if value is None else f'"\\\\x{value.hex()}"' for value in column)
    if isinstance(first, str):
        return _braced(None if value is None else _quoted(value) for value in column)
    if isinstance(first, dt.datetime):
        return _braced(None if value is None else f'"{value.isoformat()}"' for value in column)
    numbers = orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    if numbers.count("null") == column.count(None):
        return f"{{{numbers[1:-1]}}}"
    return _braced(None if value is None else str(value) for value in column)  # not all of them are finite


def _braced(values: Iterable[str | None]) -> str:
    return f"{{{','.join('NULL' if value is None else value for value in values)}}}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@lru_cache(maxsize=8192)
def moment(seconds: float) -> Any:
    """A point in time (seconds since 1970) as the engine's driver takes it."""
    at = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return at if is_postgres() else at.replace(tzinfo=None).isoformat(" ", "microseconds")


@cache
def is_postgres() -> bool:
    """Whether the database is PostgreSQL; SQLite otherwise. Asked once: the connection itself is slow to ask."""
    return connection.vendor == "postgresql"


def known(value: float) -> float | None:
    """A column's value for a float that may be NaN."""
    return None if math.isnan(value) else float(value)


def delete_in_steps(rows: QuerySet[Any], *, before_each: Callable[[], object] = lambda: None) -> None:
    """Delete many rows, some at a time; stopped at any point, what is gone is gone and the rest is there."""
    while keys := list(rows.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        before_each()
        rows.model._default_manager.filter(pk__in=keys).delete()
