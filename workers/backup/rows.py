"""Rows of every table as JSON lines, the same from SQLite and PostgreSQL, and back into either.

Not the engines' own dumps: they need their tools at hand in a fitting version, and stay with their engine. These
lines move a laptop's demo to a cluster, too.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeAlias

from django.apps.registry import Apps
from django.db import connection, transaction
from django.db.models import BooleanField, CharField, Field, FloatField, IntegerField, Model, TextField

from config.store import is_postgres

A_TIME = 2_000

AnyField: TypeAlias = "Field[Any, Any]"


@contextmanager
def one_moment() -> Iterator[None]:
    """All reads see the rows of one moment; nobody waits because of it."""
    if is_postgres():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")  # not `atomic`, which takes the one writer's place on SQLite
        try:
            cursor.execute("SELECT 1 FROM sqlite_master")  # the moment is that of the first read
            yield
        finally:
            cursor.execute("ROLLBACK")


def tables(apps: Apps) -> dict[str, type[Model]]:
    """Every table that models have, links between two of them too, by the name "app.model"."""
    models = apps.get_models(include_auto_created=True)
    return {one._meta.label_lower: one for one in models if one._meta.managed and not one._meta.proxy}


def columns(model: type[Model]) -> list[AnyField]:
    """What is stored; what the database makes by itself comes back by itself."""
    return [one for one in model._meta.concrete_fields if not one.generated]


def dump(model: type[Model]) -> Iterator[str]:
    """A line with the names of the columns, then a line for each row, by its key."""
    fields = columns(model)
    yield _line([one.column for one in fields])
    told = model._base_manager.order_by("pk").values_list(*(one.attname for one in fields))
    for row in told.iterator(chunk_size=A_TIME):
        yield _line([_plain(value) for value in row])


def load(model: type[Model], lines: Iterable[bytes]) -> int:
    """Write the rows of `dump`, in the caller's transaction; how many. What the table held before is gone."""
    rest = iter(lines)
    by_column = {one.column: one for one in columns(model)}
    fields = [by_column[name] for name in json.loads(next(rest))]
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(quote(str(one.column)) for one in fields)
    marks = ", ".join(["%s"] * len(fields))
    count = 0
    converters = [(place, one) for place, one in enumerate(fields) if not _is_plain(one)]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # nosec B608 # noqa: S608 - names of the models
        while part := [_taken(json.loads(line), converters) for line in islice(rest, A_TIME)]:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", part)  # nosec B608 # noqa: S608 - see above
            count += len(part)
    return count


def _taken(values: list[Any], converters: list[tuple[int, AnyField]]) -> list[Any]:
    """A row as the driver takes it; the converters are of the columns that JSON cannot hold as they are."""
    for place, one in converters:
        if values[place] is not None:
            values[place] = one.get_db_prep_save(one.to_python(values[place]), connection)
    return values


def _is_plain(one: AnyField) -> bool:
    """Whether JSON and the drivers have its values alike; to ask Django of each takes longer than to write it."""
    stored = one.target_field if one.is_relation else one  # type: ignore[attr-defined]
    return isinstance(stored, IntegerField | CharField | TextField | BooleanField | FloatField)


def _plain(value: Any) -> Any:
    """As JSON has it: bytes in Base64 as Django's fields read it, times and decimals as text."""
    if value is None or isinstance(value, bool | int | float | str | dict | list):
        return value
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _line(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"
