"""What a database still holds of rows that are deleted: free pages, the index of words, the write-ahead log."""

from django.db import connection
from django.utils.translation import gettext

from config.store import is_postgres
from incidents.models import Incident, SearchDocument, TextRevision, User


class DatabaseBusy(Exception):
    """Somebody else was reading or writing all the time; it is tried again."""


def compact() -> None:
    """Write the database anew without what is deleted. Outside of any transaction; needs as much disk again.

    Raises DatabaseBusy. On PostgreSQL space is given free for reuse, and statistics are taken anew: a dump holds no
    deleted row there in any case.
    """
    if connection.in_atomic_block:
        raise RuntimeError("a database is not compacted inside a transaction")
    if is_postgres():
        tables = ", ".join(model._meta.db_table for model in (Incident, TextRevision, SearchDocument, User))
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {tables}")
        return
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO incidents_searchindex (incidents_searchindex) VALUES ('optimize')")
        cursor.execute("PRAGMA temp_store=FILE")  # the copy goes to the disk: a database may be larger than the memory
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (busy, _pages, _moved) = cursor.fetchone()
    if busy:
        raise DatabaseBusy(gettext("The database was read all the time, so its log still holds old pages."))
