"""What the dashboard measures, kept in columns and indexes of their own."""

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from incidents.migrations._remaking import Remake
from incidents.models.elapsed import SecondsBetween


def seconds_until(end):
    return models.GeneratedField(
        expression=models.Case(
            models.When(Q(created_at__lt=end), then=SecondsBetween("created_at", end)), default=None
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
        null=True,
    )


class Migration(migrations.Migration):
    dependencies = [("incidents", "0006_search")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="first_claimed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        Remake(
            "incident",
            [
                migrations.AddField(
                    model_name="incident",
                    name="triaged_at",
                    field=models.GeneratedField(
                        expression=Coalesce("first_claimed_at", "decided_at"),
                        output_field=models.DateTimeField(),
                        db_persist=True,
                        null=True,
                    ),
                ),
                migrations.AddField(
                    model_name="incident",
                    name="triage_seconds",
                    field=seconds_until(Coalesce("first_claimed_at", "decided_at")),
                ),
                migrations.AddField(
                    model_name="incident", name="resolve_seconds", field=seconds_until(F("decided_at"))
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(
                        fields=["decided_at", "resolve_seconds"],
                        name="incident_resolved",
                        condition=Q(decided_at__isnull=False),
                    ),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(
                        fields=["triaged_at", "triage_seconds"],
                        name="incident_triaged",
                        condition=Q(triaged_at__isnull=False),
                    ),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(fields=["standing_category", "created_at"], name="incident_label_mix"),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(fields=["created_at"], name="incident_unusual", condition=Q(anomaly_band=4)),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="label",
            index=models.Index(
                fields=["source", "reviewer", "created_at", "bulk", "verdict", "seconds"], name="label_of_person"
            ),
        ),
    ]
