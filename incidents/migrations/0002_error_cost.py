"""Carries the setting `unsure_below`, a confidence, over to `error_cost`, whose threshold is 1 - 1 / cost."""

from django.db import migrations

FORMER_DEFAULT = 0.5
LEAST, MOST = 1, 1000


def carry_over(apps, schema_editor):
    """Appends a row in the name of who set the former one; a cost that somebody has set already stands."""
    rows = apps.get_model("incidents", "Setting").objects.using(schema_editor.connection.alias)
    former = rows.filter(key="unsure_below").order_by("-pk").first()
    if former is None or former.value == FORMER_DEFAULT or rows.filter(key="error_cost").exists():
        return
    rows.create(
        key="error_cost", value=cost_of(former.value), set_by_id=former.set_by_id, created_at=former.created_at
    )


def cost_of(confidence):
    return MOST if confidence >= 1 - 1 / MOST else max(LEAST, round(1 / (1 - confidence), 6))


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]
    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
