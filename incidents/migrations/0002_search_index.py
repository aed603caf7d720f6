"""Index the words of reports, in the way of each database.

SQLite makes a table anew when Django alters it, and forgets its triggers: a later change of `SearchDocument` has to
run `make_index` again.
"""

from django.db import migrations

POSTGRESQL = (
    "ALTER TABLE incidents_searchdocument"
    " ADD COLUMN lexemes tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED",
    "CREATE INDEX search_lexemes ON incidents_searchdocument USING gin (lexemes)",
)
# Words come in lower case, without signs and with one blank between, so that the plainest tokenizer reads them right.
SQLITE = (
    "CREATE VIRTUAL TABLE incidents_searchindex USING fts5(words, content='incidents_searchdocument',"
    " content_rowid='incident_id', columnsize=0, tokenize='ascii')",
    "CREATE TRIGGER search_added AFTER INSERT ON incidents_searchdocument BEGIN"
    " INSERT INTO incidents_searchindex (rowid, words) VALUES (new.incident_id, new.words); END",
    "CREATE TRIGGER search_removed AFTER DELETE ON incidents_searchdocument BEGIN"
    " INSERT INTO incidents_searchindex (incidents_searchindex, rowid, words)"
    " VALUES ('delete', old.incident_id, old.words); END",
    "CREATE TRIGGER search_changed AFTER UPDATE OF words ON incidents_searchdocument BEGIN"
    " INSERT INTO incidents_searchindex (incidents_searchindex, rowid, words)"
    " VALUES ('delete', old.incident_id, old.words);"
    " INSERT INTO incidents_searchindex (rowid, words) VALUES (new.incident_id, new.words); END",
)
DROP = {
    "postgresql": ("ALTER TABLE incidents_searchdocument DROP COLUMN lexemes",),
    "sqlite": (
        *(f"DROP TRIGGER IF EXISTS search_{what}" for what in ("added", "removed", "changed")),
        "DROP TABLE IF EXISTS incidents_searchindex",
    ),
}


def make_index(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    replaces = [("incidents", "0006_search")]
    dependencies = [("incidents", "0001_squashed_0025_import_runs")]
    operations = [migrations.RunPython(make_index, drop_index)]
