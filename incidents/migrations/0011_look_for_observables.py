"""Has the reports that were there before observables looked through, five hundred a job."""

from django.db import migrations

CHUNK = 500  # as in `incidents.services.observables`
BACKFILL = 3


def ask(apps, schema_editor):
    incidents, jobs = apps.get_model("incidents", "Incident").objects, apps.get_model("workers", "Job").objects
    last = incidents.order_by("-pk").values_list("pk", flat=True).first()
    job = {"kind": "find_observables_in_chunk", "queue": "desk", "priority": BACKFILL, "max_attempts": 3}
    for chunk in range(last // CHUNK + 1 if last else 0):
        if incidents.filter(pk__gte=chunk * CHUNK, pk__lt=(chunk + 1) * CHUNK).exists():
            jobs.create(object_id=chunk, **job)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0010_bulk_reverted_by"), ("workers", "0001_initial")]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
