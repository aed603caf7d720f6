from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0002_default_filters")]

    operations = [
        migrations.AddIndex(model_name="detection", index=models.Index(fields=["created_at"], name="detection_found")),
    ]
