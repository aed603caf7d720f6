from django.db import migrations


def batches_of_earlier_imports(apps, schema_editor):
    """An import is told in the audit once its reports are there: those without a batch until then are its own."""
    batch, incident = apps.get_model("incidents", "ImportBatch"), apps.get_model("incidents", "Incident")
    for event in apps.get_model("incidents", "AuditEvent").objects.filter(kind="incidents.imported").order_by("pk"):
        told = {"source": "import", "import_batch": None, "created_at__lte": event.created_at}
        if incident.objects.filter(**told).exists():
            kept = batch.objects.create(name=event.subject or "?", created_at=event.created_at)
            incident.objects.filter(**told).update(import_batch=kept)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0020_import_batch")]

    operations = [migrations.RunPython(batches_of_earlier_imports, migrations.RunPython.noop)]
