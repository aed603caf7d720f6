from django.db import migrations


def forget_places_in_texts_that_are_masked_now(apps, schema_editor):
    """Their words stand elsewhere in the masked text. Whoever opens such a report has them found again."""
    revisions = apps.get_model("incidents", "TextRevision").objects.exclude(personal=[])
    apps.get_model("classifier", "Explanation").objects.filter(prediction__text_revision__in=revisions).delete()


class Migration(migrations.Migration):
    dependencies = [("classifier", "0002_vector_column"), ("incidents", "0003_personal_data")]

    operations = [
        migrations.RunPython(forget_places_in_texts_that_are_masked_now, migrations.RunPython.noop),
    ]
