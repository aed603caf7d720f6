"""The column of vectors that PostgreSQL can compare, where it has pgvector: see classifier/vector_column.py."""

import structlog
from django.db import migrations

from classifier import vector_column

logger = structlog.get_logger(__name__)


def add(apps, schema_editor):
    reason = vector_column.add()
    if reason and schema_editor.connection.vendor == "postgresql":
        logger.info("vectors_compared_in_numpy", reason=reason)


def drop(apps, schema_editor):
    vector_column.drop()


class Migration(migrations.Migration):
    replaces = [("classifier", "0005_vector_column")]
    dependencies = [("classifier", "0001_squashed_0021_moves")]
    operations = [migrations.RunPython(add, drop)]
