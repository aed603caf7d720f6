"""Rows that tell labels in words keep the taxonomy version of these words; hashes of datasets, whether listings tell them."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

CLASSIFY = "classify"  # labels of other lines are none of the taxonomy


def note_versions(apps, schema_editor):
    """Rows that are there were written in the words of the version that stood when they were made."""
    versions = apps.get_model("incidents", "TaxonomyVersion").objects.all()
    standing = versions.filter(created_at__lte=OuterRef("created_at")).order_by("-pk").values("pk")[:1]
    evaluations = apps.get_model("classifier", "Evaluation").objects.filter(version__line=CLASSIFY)
    for rows in (evaluations, apps.get_model("classifier", "ActingPolicy").objects.all()):
        rows.update(taxonomy_version=Subquery(standing))


class Migration(migrations.Migration):
    dependencies = [
        ("classifier", "0019_promise_watch"),
        ("incidents", "0024_accepted_automatically"),
    ]

    operations = [
        migrations.AddField(
            model_name="evaluation",
            name="taxonomy_version",
            field=models.ForeignKey(
                help_text="In whose words figures and outcomes tell labels; null where these are not those of reports.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incidents.taxonomyversion",
            ),
        ),
        migrations.AddField(
            model_name="actingpolicy",
            name="taxonomy_version",
            field=models.ForeignKey(
                help_text="In whose words it names categories; null before there was any label.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incidents.taxonomyversion",
            ),
        ),
        migrations.AddField(
            model_name="datasetsnapshot",
            name="checkable",
            field=models.BooleanField(
                default=False,
                help_text="Its hash follows from its listing; those of earlier releases cover titles in clear.",
            ),
        ),
        migrations.RunPython(note_versions, migrations.RunPython.noop),
    ]
