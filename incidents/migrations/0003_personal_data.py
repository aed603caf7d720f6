from django.db import migrations


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
    ]
