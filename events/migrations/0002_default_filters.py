"""The filters that ship: in force from the start, editable like any other."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from events.services.filter_defaults import ensure_default_filters


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    ensure_default_filters(apps.get_model("events", "Filter"))


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("events", "Filter").objects.filter(origin="default").delete()


class Migration(migrations.Migration):
    dependencies = [("events", "0001_squashed_0003_detection_found")]

    operations = [migrations.RunPython(add, remove)]
