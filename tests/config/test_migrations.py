"""A database that came by the earlier, longer way of migrations goes on by the squashed ones."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db
def test_a_database_that_came_by_the_replaced_migrations_has_nothing_to_do() -> None:
    recorder = MigrationRecorder(connection)
    squashed = {node: one for node, one in MigrationExecutor(connection).loader.disk_migrations.items() if one.replaces}
    ours = {node for node in squashed if node[0] in {"incidents", "classifier", "events"}}
    assert len(ours) == 5
    for node in ours:
        recorder.record_unapplied(*node)
        for replaced in squashed[node].replaces:
            recorder.record_applied(*replaced)
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    executor.check_replacements()
    assert ours <= set(recorder.applied_migrations())
