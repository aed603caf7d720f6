"""`python -m tests.workers.backup.earlier FILE`: a backup as a Caseloop of before personal data and the chain made it.

Tables as they were then, filled through models as they were then. DATABASE_URL and CASELOOP_HOME say where: an empty
folder and no address, so SQLite, whose backups restore into either database.
"""

import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 (models need Django's registry)
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from workers.backup import making  # noqa: E402

THEN = {"incidents": "0002_search_index", "classifier": "0002_vector_column", "workers": "0002_job_counts"}
TEXT = "A caller from the bank asked for the code that 4111 1111 1111 1111 was charged with."


def main(file: Path) -> None:
    executor = MigrationExecutor(connection)
    newest = dict(executor.loader.graph.leaf_nodes()) | THEN
    executor.migrate(targets := sorted(newest.items()))
    apps = MigrationExecutor(connection).loader.project_state(targets).apps
    with transaction.atomic():
        fill(apps)
    # What has changed in the command since then is the list of tables, and that there is a chain to seal.
    making.apps, making._sealed = apps, list  # type: ignore[attr-defined,assignment]
    making.make_backup(file, with_key=False)


def fill(apps: Any) -> None:
    """A decided report, one that was passed on with a reason, a role that was changed, and a job that waits."""

    def of(label: str) -> Any:
        return apps.get_model(label).objects

    asha = of("incidents.User").create(username="asha", email="asha@example.org")
    ann = of("incidents.User").create(username="ann")
    for number, status in enumerate(["decided", "second_look"], start=1):
        incident = of("incidents.Incident").create(
            reporter=asha, source="web", status=status, standing_category="Fraud", receipt_token=f"receipt-{number}"
        )
        text = of("incidents.TextRevision").create(
            incident=incident, title=f"Call {number}", text=TEXT, text_hash=f"{number:064}"
        )
        incident.current_text = text
        incident.save()
    words = of("incidents.TaxonomyVersion").create(content_hash="0" * 64, path_keys=[])
    of("incidents.Label").create(
        incident_id=1, text_revision_id=1, taxonomy_version=words, reviewer=ann, verdict="confirm", source="review"
    )
    events = of("incidents.AuditEvent")
    events.create(kind="incident.skipped", actor=ann, incident_id=2, detail={"reason": "Asha is my cousin"})
    events.create(kind="account.role_changed", actor=ann, subject="asha", detail={"role": "analyst"})
    of("workers.Job").create(kind="find_themes", queue="desk", object_id=1, priority=1, max_attempts=3)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
