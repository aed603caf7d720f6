"""The database's own refusal to change audit events: triggers, on SQLite and PostgreSQL.

A row is sealed once: the three columns of the chain go from nothing to something, and nothing else ever changes.
Whoever owns the database can take the triggers away; what they do then is what the chain shows.
"""

from typing import Any

from django.db import connection

from config.store import is_postgres

TABLE = "incidents_auditevent"
REFUSAL = "audit events are append-only"
_MEANING = ("id", "kind", "actor_id", "incident_id", "subject", "detail", "created_at")
_NAMES = (f"{TABLE}_sealed_once", f"{TABLE}_never_deleted", f"{TABLE}_never_emptied")

_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS {_NAMES[0]} BEFORE UPDATE ON {TABLE} WHEN OLD.sequence IS NOT NULL"
    f" OR NEW.sequence IS NULL OR {' OR '.join(f'NEW.{one} IS NOT OLD.{one}' for one in _MEANING)}"
    f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER IF NOT EXISTS {_NAMES[1]} BEFORE DELETE ON {TABLE}"
    f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)  # fmt: skip
_POSTGRES = (
    f"CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    f"CREATE TRIGGER {_NAMES[0]} BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN (OLD.sequence IS NOT NULL"
    f" OR NEW.sequence IS NULL OR {' OR '.join(f'NEW.{one} IS DISTINCT FROM OLD.{one}' for one in _MEANING)})"
    f" EXECUTE FUNCTION {TABLE}_refuse()",
    f"CREATE TRIGGER {_NAMES[1]} BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()",
    f"CREATE TRIGGER {_NAMES[2]} BEFORE TRUNCATE ON {TABLE} EXECUTE FUNCTION {TABLE}_refuse()",
)


def arm() -> None:
    """Have the database refuse changes, where it does not yet. Safe to run any number of times."""
    if not is_armed():
        lift()
        _run(*(_POSTGRES if is_postgres() else _SQLITE))


def lift() -> None:
    """Take the triggers away: before the table is given back, or a test's database is emptied."""
    _run(*(f"DROP TRIGGER IF EXISTS {name}{f' ON {TABLE}' * is_postgres()}" for name in _NAMES))


def is_armed() -> bool:
    """Whether all triggers are there and none is switched off."""
    if is_postgres():
        sql = "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = ANY(%s) AND tgenabled <> 'D'"
        parameters: list[Any] = [TABLE, list(_NAMES)]
    else:
        sql = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name IN (%s, %s)"
        parameters = [TABLE, *_NAMES[:2]]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.fetchone()[0]) == (3 if is_postgres() else 2)


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
