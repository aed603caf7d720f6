"""On PostgreSQL with pgvector: each embedding's vector once more, as a column that the database itself can compare.

The column follows from the stored bytes, so nothing has to keep it in step, and erasing an embedding erases it. Where
pgvector is not there, or this role may not create it, nothing is made and searches compare in numpy. Once it is
there: `manage.py migrate classifier 0001 && manage.py migrate`.
"""

import structlog
from django.db import DatabaseError, migrations, transaction

logger = structlog.get_logger(__name__)

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


def add_column(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        if reason := _lacking(connection, cursor):
            logger.info("vectors_compared_in_numpy", reason=reason)
            return
        cursor.execute(HALVES)
        cursor.execute(COLUMN)


def _lacking(connection, cursor):
    """Why the column cannot be made; empty where it can."""
    if connection.pg_version < 140000:
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


def drop_column(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE classifier_embedding DROP COLUMN IF EXISTS halves")
        schema_editor.execute("DROP FUNCTION IF EXISTS classifier_halves(bytea)")


class Migration(migrations.Migration):
    replaces = [("classifier", "0005_vector_column")]
    dependencies = [("classifier", "0001_squashed_0021_moves")]
    operations = [migrations.RunPython(add_column, drop_column)]
