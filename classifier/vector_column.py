"""On PostgreSQL with pgvector: each embedding's vector once more, as a column that the database itself can compare.

The column follows from the stored bytes, so nothing has to keep it in step, and erasing an embedding erases it. Where
pgvector is not there, or this role may not create it, nothing is made and searches compare in numpy.
"""

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

# A body between BEGIN ATOMIC and END is bound when it is defined, so that a dump can be restored under any search path.
HALVES = """
CREATE FUNCTION classifier_halves(bytes bytea) RETURNS halfvec IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
BEGIN ATOMIC
  SELECT array_agg(
    (CASE WHEN bits >= 32768 THEN -1 ELSE 1 END)
    * (CASE WHEN (bits >> 10) & 31 = 0 THEN (bits & 1023) * power(2, -24)
            ELSE (1024 + (bits & 1023)) * power(2, ((bits >> 10) & 31) - 25) END)
    ORDER BY place
  )::real[]::halfvec
  FROM (
    SELECT place, get_byte(bytes, 2 * place) + 256 * get_byte(bytes, 2 * place + 1) AS bits
    FROM generate_series(0, length(bytes) / 2 - 1) AS place
  ) AS halves;
END
"""
COLUMN = """
ALTER TABLE classifier_embedding ADD COLUMN halves halfvec GENERATED ALWAYS AS (classifier_halves(vector)) STORED
"""
# Where the extension stands, and whether its type is found by its bare name and by its full one.
FOUND = """
SELECT nspname, to_regtype('halfvec') IS NOT NULL, to_regtype(quote_ident(nspname) || '.halfvec') IS NOT NULL
FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'
"""


def is_there() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_attribute WHERE attrelid = 'classifier_embedding'::regclass AND attname = 'halves'"
        )
        return cursor.fetchone() is not None


def add() -> str:
    """Make the column where it can be made and is not there; why it cannot be made, else the empty string."""
    if connection.vendor != "postgresql":
        return "this database is not PostgreSQL"
    if is_there():
        return ""
    with connection.cursor() as cursor:
        if reason := _lacking(cursor):
            return reason
        cursor.execute(HALVES)
        cursor.execute(COLUMN)
    return ""


def drop() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE classifier_embedding DROP COLUMN IF EXISTS halves")
            cursor.execute("DROP FUNCTION IF EXISTS classifier_halves(bytea)")


def _lacking(cursor: CursorWrapper) -> str:
    """Why the column cannot be made; empty where it can."""
    if connection.pg_version < 140000:  # type: ignore[attr-defined]
        return "PostgreSQL is older than 14"
    cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
    if not cursor.fetchone():
        return "this server has no pgvector"
    try:
        with transaction.atomic(using=connection.alias):
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except DatabaseError as error:  # no right to, not on a provider's list, a library that is not there
        return f"the extension cannot be created: {str(error).strip()}"
    cursor.execute(FOUND)
    schema, within_reach, there = cursor.fetchone()
    if within_reach:
        return ""
    return f"pgvector stands in the schema {schema}, off the search path" if there else "pgvector is older than 0.7"
