from django.db import migrations

from classifier.ml.personal import mask

AT_ONCE = 500


def forget_places_in_texts_that_are_masked_now(apps, schema_editor):
    """Their words stand elsewhere in the masked text. Whoever opens such a report has them found again."""
    rows, last = apps.get_model("classifier", "Explanation").objects, 0
    columns = ("pk", "prediction__text_revision__title", "prediction__text_revision__text")
    while page := list(rows.filter(pk__gt=last).order_by("pk").values_list(*columns)[:AT_ONCE]):
        rows.filter(pk__in=[pk for pk, *words in page if any(mask(one) != one for one in words)]).delete()
        last = page[-1][0]


class Migration(migrations.Migration):
    dependencies = [("classifier", "0002_vector_column"), ("incidents", "0003_personal_data")]

    operations = [
        migrations.RunPython(forget_places_in_texts_that_are_masked_now, migrations.RunPython.noop),
    ]
