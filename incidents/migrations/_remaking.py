"""Changing columns that the database generates, on SQLite as well."""

from django.db import migrations


class Remake(migrations.SeparateDatabaseAndState):
    """Operations on generated columns and on indexes of one table; SQLite makes the table anew, once for all of them.

    It adds no stored generated column to a table that has rows, and Django, which makes the table anew for each column
    that cannot be null, does not know that.
    """

    def __init__(self, model_name, operations):
        self.model_name, self.operations = model_name, operations
        super().__init__(operations, operations)

    def deconstruct(self):
        return type(self).__name__, [self.model_name, self.operations], {}

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "sqlite":
            schema_editor._remake_table(to_state.apps.get_model(app_label, self.model_name))
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "sqlite":
            schema_editor._remake_table(to_state.apps.get_model(app_label, self.model_name))
        else:
            super().database_backwards(app_label, schema_editor, from_state, to_state)
