from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0007_dashboard"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="secondopinion",
            options={"permissions": [("adjudicate", "Can settle disputed reports")]},
        ),
        migrations.AddField(
            model_name="label",
            name="suggested_confidence",
            field=models.FloatField(blank=True, help_text="How sure the model was of them, 0 to 1.", null=True),
        ),
        migrations.AlterField(
            model_name="label",
            name="shown_model",
            field=models.CharField(
                blank=True, help_text="The version whose suggestion stood then, shown or hidden.", max_length=120
            ),
        ),
        migrations.AddIndex(
            model_name="label",
            index=models.Index(condition=models.Q(("blind", True)), fields=["created_at"], name="label_blind"),
        ),
        migrations.AddIndex(
            model_name="label",
            index=models.Index(
                condition=models.Q(("blind", False), ("bulk", None), ("suggested_confidence__isnull", False)),
                fields=["source", "slot", "created_at", "verdict", "suggested_confidence"],
                name="label_beside_suggestion",
            ),
        ),
    ]
