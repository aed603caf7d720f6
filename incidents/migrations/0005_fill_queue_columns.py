"""Give reports that were there before what the list of reports sorts, counts and folds by."""

import random

from django.db import migrations
from django.db.models import F

CHUNK = 2000


def fill(apps, schema_editor):
    incidents = apps.get_model("incidents", "Incident").objects
    incidents.filter(split_group__startswith="text:").update(twins=F("split_group"))
    last = 0
    while rows := list(incidents.filter(pk__gt=last).order_by("pk").select_related("current_label")[:CHUNK]):
        for row in rows:
            label = row.current_label
            paths = label.paths.prefetch_related("categories") if label else []
            names = {category.name for path in paths for category in path.categories.all()}
            row.standing_category = " or ".join(sorted(names)) or row.current_category
            row.twins = row.twins or f"one:{row.pk}"
            row.shuffle = random.random()
        incidents.bulk_update(rows, ["standing_category", "twins", "shuffle"], batch_size=500)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("incidents", "0004_desk")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
