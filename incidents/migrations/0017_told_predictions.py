"""What a prediction says as far as it may be told, in columns of their own: by these the list filters and sorts.

A report of the audit counts as not read, and as not measured, until it is decided.
"""

from django.db import migrations, models
from django.db.models import Case, F, Q, Value, When

from incidents.migrations._remaking import Remake

HIDDEN = Q(blind=True, decided_at__isnull=True)
UNUSUAL = Q(anomaly_band=4)
INDEXES = {
    "incident_least_confident": ["status", "told_confidence", "id"],
    "incident_by_margin": ["status", "told_margin", "id"],
    "incident_by_entropy": ["status", "-told_entropy", "id"],
    "incident_by_anomaly": ["status", "-told_anomaly", "id"],
    "incident_facets": [
        "status", "standing_category", "confidence_band", "anomaly_band", "told_model", "source", "assignee",
        "told_unsure", "created_at",
    ],
}  # fmt: skip
BANDS = {
    "confidence_band": ("current_confidence", (0.5, 0.7, 0.9)),
    "anomaly_band": ("current_anomaly", (50.0, 90.0, 99.0)),
}


def band(column, ends):
    bands = [When(**{f"{column}__lt": end}, then=Value(place)) for place, end in enumerate(ends, start=1)]
    nothing = Q(**{f"{column}__isnull": True}) | HIDDEN
    return models.GeneratedField(
        expression=Case(When(nothing, then=Value(0)), *bands, default=Value(len(ends) + 1)),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )


def told(column, kind, hidden=None):
    return models.GeneratedField(
        expression=Case(When(HIDDEN, then=Value(hidden)), default=F(column)),
        output_field=kind,
        db_persist=True,
        null=hidden is None,
    )


COLUMNS = {
    **{name: band(*measured) for name, measured in BANDS.items()},
    "told_model": told("current_model", models.CharField(max_length=120), ""),
    "told_unsure": told("current_unsure", models.BooleanField(), False),
    **{
        f"told_{figure}": told(f"current_{figure}", models.FloatField())
        for figure in ("confidence", "anomaly", "margin", "entropy")
    },
}


class Migration(migrations.Migration):
    dependencies = [("incidents", "0016_profile_runs")]

    operations = [
        Remake(
            "incident",
            [
                *(migrations.RemoveIndex("incident", name) for name in (*INDEXES, "incident_unusual")),
                *(migrations.RemoveField("incident", name) for name in BANDS),
                *(migrations.AddField("incident", name, field) for name, field in COLUMNS.items()),
                *(
                    migrations.AddIndex("incident", models.Index(fields=fields, name=name))
                    for name, fields in INDEXES.items()
                ),
                migrations.AddIndex(
                    "incident", models.Index(fields=["created_at"], name="incident_unusual", condition=UNUSUAL)
                ),
            ],
        ),
    ]
