"""Why the column of vectors is not made, asked of a real PostgreSQL: other extensions stand in for pgvector."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from classifier.vector_column import _lacking

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has extensions"),
]
REFUSAL = "DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{}'; END $$"


def reason(*replacements):
    """What the migration says when these parts of its SQL read otherwise."""

    def ask(execute, sql, *others):
        for old, new in replacements:
            sql = sql.replace(old, new)
        return execute(sql, *others)

    with connection.execute_wrapper(ask), connection.cursor() as cursor:
        return _lacking(cursor)


@pytest.mark.parametrize("code", ["42501", "0A000", "58P01", "XX000"])
def test_a_refused_extension_is_a_reason_and_no_failure_of_the_migration(code):
    there = ("name = 'vector'", "name = 'citext'")
    assert "cannot be created: refused" in reason(
        there, ("CREATE EXTENSION IF NOT EXISTS vector", REFUSAL.format(code))
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the transaction goes on


def test_a_schema_off_the_search_path_is_not_taken_for_an_old_version():
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA elsewhere; CREATE EXTENSION citext SCHEMA elsewhere")
    as_citext = [("halfvec", "citext"), ("vector", "citext")]
    assert "schema elsewhere, off the search path" in reason(*as_citext)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO public, elsewhere")
    assert reason(*as_citext) == ""


def test_an_extension_without_the_type_is_older():
    assert "older than 0.7" in reason(("vector", "citext"))


def test_where_it_cannot_be_added_the_command_says_why():
    with pytest.raises(CommandError, match=r"searches go on in numpy: "):
        call_command("add_vector_column")
