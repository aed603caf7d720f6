"""`manage.py rebuild V`"""

import os
import socket
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from classifier.management.cli import ModelCommand, version_named
from classifier.models import ModelVersion
from classifier.services.rebuild import rebuilt, request_rebuild
from classifier.services.trainer import run_training
from classifier.services.training import TrainingRefused, cancel_training, job_of
from config.commands import EXIT_CODES, Exit, stop
from workers import jobs, runner


class Command(ModelCommand):
    help = (
        "Train a model version again from its frozen dataset, in this process, and say whether the same model came out."
        f" {EXIT_CODES}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", metavar="V", help="the version's name")

    def work(self, **options: Any) -> dict[str, Any]:
        run, batch = _taken(version_named(options["version"]))
        try:
            runner.run(batch, run_training)
        finally:
            cancel_training(run)
        run.refresh_from_db()
        found = rebuilt(run)
        if found is None:
            raise stop(f"training {run.pk} {run.get_status_display().lower()}. {run.error}".strip())
        return {
            "model": found.of.name,
            "rebuilt": found.version.name,
            "same": found.same,
            "unlike": list(found.unlike or []),
            "figures": found.figures,
            "rows_gone": found.gone,
            "problem": found.problem,
        }

    def tell(self, result: dict[str, Any]) -> None:
        if result["same"]:
            alike = "the same files" + (", the same figures" if result["figures"] else "")
            told = f"{result['rebuilt']} is {result['model']} again: {alike}."
        else:
            told = f"{result['rebuilt']} is NOT the same as {result['model']}."
        self.stdout.write(f"{told} {result['problem']}".strip())

    def check_result(self, result: dict[str, Any]) -> None:
        if not result["same"]:
            raise stop(f"{result['model']} does not come out the same. {result['problem']}")


def _taken(version: ModelVersion) -> "tuple[Any, jobs.Batch]":
    """A run whose job this process holds before any worker sees it."""
    try:
        with transaction.atomic():
            run = request_rebuild(version, by=None)
            batch = jobs.claim_job(job_of(run), worker=f"rebuild@{socket.gethostname()}:{os.getpid()}")
    except TrainingRefused as error:
        raise stop(str(error), Exit.REFUSED) from error
    assert batch is not None, "nobody else could see the job"
    return run, batch
