"""Index the words of reports, in the way of each database, and write those of the reports that are there.

SQLite makes a table anew when Django alters it, and forgets its triggers: a later change of `SearchDocument` has to
run `make_index` again.
"""

from django.db import migrations

from incidents.words import indexed

CHUNK = 2000
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


def index_reports(apps, schema_editor):
    incidents, documents = (
        apps.get_model("incidents", "Incident").objects,
        apps.get_model("incidents", "SearchDocument"),
    )
    rows = incidents.exclude(current_text=None).select_related("current_text").order_by("pk")
    last = 0
    while part := list(rows.filter(pk__gt=last).prefetch_related("current_label__paths__sub_category")[:CHUNK]):
        documents.objects.bulk_create(
            documents(incident=row, words=indexed(*_labels(row), row.current_text.title, row.current_text.text))
            for row in part
        )
        last = part[-1].pk


def _labels(row):
    paths = row.current_label.paths.all() if row.current_label else []
    decided = [path.sub_category.name for path in paths if path.sub_category]
    return [row.standing_category, *(decided or [row.current_sub_category])]


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_fill_queue_columns")]
    operations = [
        migrations.RunPython(make_index, drop_index),
        migrations.RunPython(index_reports, migrations.RunPython.noop),
    ]
