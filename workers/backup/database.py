"""Puts a backup's rows in the place of what a database holds: as a whole, or not at all."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from classifier.ml.files import sync
from workers.backup import rows
from workers.backup.manifest import ROWS, BackupRefused, Manifest

WAIT = "10s"  # for whoever still holds a lock; then the restore is given up
PEOPLE = "incidents_user"


def is_empty() -> bool:
    """Whether nobody has used this database: there is no account in it."""
    if PEOPLE not in connection.introspection.table_names():
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {PEOPLE}")  # nosec B608 # noqa: S608 - a constant
        return not cursor.fetchone()[0]


def refuse_newer(manifest: Manifest) -> None:
    """Raises BackupRefused where the backup's tables are of a later version than this one."""
    known = MigrationExecutor(None).loader.disk_migrations  # type: ignore[arg-type]
    told = {(app, name) for app, names in manifest.migrations.items() for name in names}
    replaced = {node for migration in known.values() for node in migration.replaces}
    if unknown := sorted(told - known.keys() - replaced):
        app, name = unknown[0]
        raise BackupRefused(
            f"it was made by a newer Caseloop ({manifest.version}; this one knows no {app}.{name}). Install that "
            "version, or a later one, first."
        )


def replace_rows(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Tables as they were when the backup was made, its rows, then the steps to the tables of today."""
    with _whole_or_not():
        executor = MigrationExecutor(connection, _settle)
        targets = _newest(executor, manifest)
        executor.migrate(targets)
        state = executor.loader.project_state(targets).apps
        with transaction.atomic():
            _load(archive, manifest, state)
        ContentType.objects.clear_cache()
        call_command("migrate", verbosity=0, interactive=False)


def _newest(executor: MigrationExecutor, manifest: Manifest) -> list[tuple[str, str]]:
    applied = {(app, name) for app, names in manifest.migrations.items() for name in names}
    nodes = executor.loader.graph.node_map
    return sorted(
        key
        for key in applied & nodes.keys()
        if not any(child.key in applied and child.key[0] == key[0] for child in nodes[key].children)
    )


def _load(archive: zipfile.ZipFile, manifest: Manifest, state: Any) -> None:
    models = rows.tables(state)
    for name, count in manifest.tables.items():
        if name not in models:
            raise BackupRefused(f"it holds rows of {name}, which its own version does not have.")
        with archive.open(f"{ROWS}/{name}.jsonl") as lines:
            if rows.load(models[name], lines) != count:
                raise BackupRefused(f"it has not the {count} rows of {name} that it tells.")
    connection.check_constraints()
    for sql in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
        with connection.cursor() as cursor:
            cursor.execute(sql)


def _settle(action: str, *_: Any) -> None:
    """PostgreSQL alters no table with checks outstanding, and here all migrations are one transaction."""
    if action == "apply_success" and connection.vendor == "postgresql":
        connection.check_constraints()


@contextmanager
def _whole_or_not() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with transaction.atomic():
            _drop_tables()
            yield
    else:
        with _another_file():
            yield


def _drop_tables() -> None:
    """Those of our apps, of whatever version; others' in the same database stay."""
    labels = {one.label for one in apps.get_app_configs()}
    named = {one._meta.db_table for one in rows.tables(apps).values()} | {MigrationRecorder.Migration._meta.db_table}
    there = connection.introspection.table_names()
    ours = [name for name in there if name.partition("_")[0] in labels or name in named]
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
        for name in ours:
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(name)} CASCADE")
        cursor.execute("DROP FUNCTION IF EXISTS classifier_halves(bytea) CASCADE")


@contextmanager
def _another_file() -> Iterator[None]:
    """Work on a new SQLite file, which takes the old one's place at the end."""
    there = Path(str(connection.settings_dict["NAME"]))
    new = there.with_name(f".{there.name}.restored")
    _remove(new)
    _fold_journal()  # before hours of work: nobody else may have it open
    connection.close()
    connection.settings_dict["NAME"] = str(new)
    try:
        yield
        _fold_journal()
        connection.close()
        connection.settings_dict["NAME"] = str(there)
        _fold_journal()
        connection.close()
        new.chmod(there.stat().st_mode & 0o777 if there.exists() else 0o600)
        new.replace(there)
        sync(there.parent)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(there)
        _remove(new)


def _fold_journal() -> None:
    """Bring everything into the one file; a journal left beside another file would be read as that one's."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = DELETE")
            if cursor.fetchone()[0] != "delete":
                raise OperationalError("database is locked")
    except OperationalError as error:
        raise BackupRefused("the database is in use: stop every process of the site first.") from error


def _remove(file: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
