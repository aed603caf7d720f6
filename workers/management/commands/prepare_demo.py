"""`manage.py prepare_demo`: steps 4 to 7 of `make demo`, each skipped where its work is done already."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from classifier.ml.config import NO_T5, SMALL_SCRATCH
from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY
from classifier.services.training import request_training, settle_runs
from config.static import collect
from config.steps import detail, step
from incidents.models import Incident


class Command(BaseCommand):
    help = "Bring database, static files, sample data and a first model to where the demo can start."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        with step(4, "Database"):
            call_command("migrate", interactive=False, verbosity=0)
        with step(5, "Static files"):
            collect()
        with step(6, "Accounts, taxonomy and synthetic sample reports"):
            if not Incident.objects.exists():
                call_command("seed_demo")
        with step(7, "First model"):
            _first_models()


def _first_models() -> None:
    """A linear expert at once, so that reports are classified from the first minute; a T5 as an ordinary job.

    A training that an earlier start left behind is gone on with by the training worker, and nothing is added.
    """
    settle_runs()
    runs = TrainingRun.objects.filter(line=CLASSIFY)
    if left := runs.open().first():
        return detail(f"training {left.pk} ({left.base_model}) of an earlier start goes on in the background")
    if ModelVersion.objects.champion() is None:
        call_command("train", base_model=NO_T5)
    if not runs.exclude(base_model=NO_T5).exists():
        request_training(base_model=SMALL_SCRATCH, promote_if_better=True)
        detail("a T5 is trained in the background; the models page shows how far it is")
