from django.db import migrations

KINDS = ("measure_drift", "find_doubts", "measure_learning", "find_themes", "measure_profile")


def move(to, of):
    def run(apps, schema_editor):
        jobs = apps.get_model("workers", "Job").objects.filter(kind__in=KINDS, queue=of)
        jobs.filter(status__in=["queued", "running"]).update(queue=to)

    return run


class Migration(migrations.Migration):
    dependencies = [("workers", "0002_job_counts")]
    operations = [migrations.RunPython(move("analysis", "desk"), move("desk", "analysis"))]
