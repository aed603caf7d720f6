"""`manage.py prepare_demo`: steps 4 to 7 of `make demo`, each skipped where its work is done already."""

import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from classifier.ml.config import NO_T5, SMALL_SCRATCH
from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY
from classifier.services.training import job_of, request_training, settle_runs
from config.static import collect
from config.steps import detail, step
from events.models import EventSource
from events.services.demo import NAME, seed_stream
from events.services.detector_training import request_detector
from events.services.training import run_training
from incidents.models import Incident
from workers import jobs, runner


class Command(BaseCommand):
    help = "Bring database, static files, sample data and a first model to where the demo can start."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        with step(4, "Database"):
            call_command("migrate", interactive=False, verbosity=0)
        with step(5, "Static files"):
            collect()
        with step(6, "Accounts, taxonomy, synthetic reports and events"):
            if not Incident.objects.exists():
                call_command("seed_demo")
            seed_stream()
        with step(7, "First models"):
            _first_models()
            _first_detector()


def _first_detector() -> None:
    """A detector for the synthetic stream, so that its first attack is found within the first minute."""
    source = EventSource.objects.get(name=NAME)
    if ModelVersion.objects.champion(source.line) is not None:
        return
    with transaction.atomic():  # no worker sees the job before it is taken
        run = request_detector(source)
        batch = jobs.claim_job(job_of(run), worker=f"prepare_demo:{os.getpid()}")
    assert batch is not None, "nobody else could see the job"
    runner.run(batch, run_training)


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
