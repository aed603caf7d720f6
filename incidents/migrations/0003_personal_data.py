from django.db import migrations, models

from incidents.texts import personal_spans

AT_ONCE = 1000


def find_in_stored_texts(apps, schema_editor):
    """Some tenths of a millisecond a text: a minute or so for 100,000 reports, with the writing."""
    rows, last = apps.get_model("incidents", "TextRevision").objects, 0
    while page := list(rows.filter(pk__gt=last).order_by("pk").only("title", "text")[:AT_ONCE]):
        for row in page:
            row.personal = personal_spans(row.title, row.text)
        rows.bulk_update(page, ["personal"])
        last = page[-1].pk


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_search_index")]

    operations = [
        migrations.AlterModelOptions(
            name="incident",
            options={
                "permissions": [
                    ("review_incident", "Can review reports"),
                    ("view_profile", "Can see the data profile"),
                    ("export_incidents", "Can export reports"),
                    ("import_incidents", "Can import files of reports"),
                    ("reveal_personal_data", "Can see the personal data of a report"),
                    ("export_personal_data", "Can export reports with their personal data"),
                ]
            },
        ),
        migrations.AddField(
            model_name="textrevision",
            name="personal",
            field=models.JSONField(
                editable=False, help_text="Personal data in it; null: not looked for yet.", null=True
            ),
        ),
        migrations.RunPython(find_in_stored_texts, migrations.RunPython.noop),
    ]
