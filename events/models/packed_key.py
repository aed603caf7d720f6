"""A primary key that is made, not counted."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class PackedKey(models.BigIntegerField):  # type: ignore[type-arg]
    """A bigint; on SQLite the row's own number, where a bigint key would be a second tree beside the table."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)
