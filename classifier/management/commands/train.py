"""`manage.py train`: the training job, run here and now or left to a worker."""

import os
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from classifier import registry
from classifier.management.cli import EXIT_CODES, Exit, ModelCommand, headline, stop
from classifier.management.training_watch import watched
from classifier.ml.config import NO_T5, SMALL_SCRATCH
from classifier.models import Evaluation, ModelVersion, TrainingRun
from classifier.services.trainer import run_training
from classifier.services.training import TrainingRefused, cancel_training, job_of, request_training
from classifier.services.versions import promotion_outcome
from workers import jobs, runner

LEASE = timedelta(seconds=180)


class Command(ModelCommand):
    help = (
        "Train a model on the reports decided so far, and measure it beside the one in charge. Runs in this process "
        "and needs no broker; with --enqueue a training worker does it. Ctrl-C cancels. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--base-model",
            default=SMALL_SCRATCH,
            metavar="NAME",
            help=f"{SMALL_SCRATCH} (default), {NO_T5} (the linear expert alone), a folder in Hugging Face format, "
            "or a hub name such as google/flan-t5-small",
        )
        parser.add_argument("--enqueue", action="store_true", help="leave it to a training worker")
        parser.add_argument("--force", action="store_true", help="train again although no decision has changed")
        parser.add_argument("--seed", type=int, help="the same seed and reports give the same model")
        parser.add_argument("--epochs", type=int, help="at most this many passes over the reports")
        parser.add_argument("--max-seconds", type=float, help="time budget of the T5")
        parser.add_argument("--json", action="store_true", help="print one line of JSON on stdout, all else on stderr")

    def work(self, **options: Any) -> dict[str, Any]:
        started, champion = time.monotonic(), registry.champion()
        run, batch = _requested(**options)
        if batch is None:
            return {"run": run.pk, "status": run.status, "dataset": run.snapshot.content_hash}
        self.stderr.write(f"training {run.pk} ({run.base_model}) on {_counted(run)}")
        try:
            with watched(run, self.stderr.write):
                runner.run(batch, run_training)
        finally:
            cancel_training(run)  # nothing stays open that nobody works on
        run.refresh_from_db()
        if run.version is None:
            raise stop(f"training {run.pk} {run.get_status_display().lower()}. {run.error}".strip())
        return _result(run, run.version, champion) | {"seconds": round(time.monotonic() - started, 3)}

    def tell(self, result: dict[str, Any]) -> None:
        if "model" not in result:
            self.stdout.write(f"training {result['run']} waits for a training worker.")
            return
        self.stdout.write(f"{result['model']} after {result['seconds']:.0f} s. {result['promotion']}")
        for name, figures in result["figures"].items():
            if figures:
                told = ", ".join(
                    f"{view} {figures[view]['accuracy']:.3f}" for view in ("category", "sub_category", "both")
                )
                self.stdout.write(f"{name:>9}: right {told}; calibration error {figures['ece']:.3f}")


def _requested(**options: Any) -> tuple[TrainingRun, jobs.Batch | None]:
    """The run, and its job taken by this process unless a worker is to have it.

    One transaction: no worker sees the job before it is taken.
    """
    base_model, force = _base_model(options["base_model"]), options["force"]
    chosen = {name: options[name] for name in ("seed", "epochs", "max_seconds") if options[name] is not None}
    worker = f"train@{socket.gethostname()}:{os.getpid()}"
    try:
        with transaction.atomic():
            run = request_training(base_model=base_model, force=force, options=chosen)
            return run, None if options["enqueue"] else jobs.claim_job(job_of(run), worker=worker, lease=LEASE)
    except TrainingRefused as error:
        raise stop(str(error), Exit.REFUSED) from error


def _base_model(name: str) -> str:
    """A folder by its full address, since a worker may run elsewhere."""
    given = name not in {NO_T5, SMALL_SCRATCH} and Path(name).is_dir()
    return str(Path(name).resolve()) if given else name


def _counted(run: TrainingRun) -> str:
    return ", ".join(f"{count} {split}" for split, count in sorted(run.snapshot.counts.items())) + " reports"


def _result(run: TrainingRun, version: ModelVersion, champion: ModelVersion | None) -> dict[str, Any]:
    promoted, promotion = promotion_outcome(version, run)
    figures = {row.part: headline(row.figures) for row in version.evaluations.filter(snapshot=run.snapshot)}
    return {
        "run": run.pk,
        "model": version.name,
        "base_model": run.base_model,
        "dataset": run.snapshot.content_hash,
        "reports": run.snapshot.counts,
        "t5_weight": version.t5_weight,
        "promoted": promoted,
        "promotion": promotion,
        "figures": figures | {"champion": _figures_of(champion, run)},
    }


def _figures_of(champion: ModelVersion | None, run: TrainingRun) -> dict[str, Any] | None:
    if champion is None:
        return None
    row = champion.evaluations.filter(snapshot=run.snapshot, part=Evaluation.Part.SERVED).first()
    return {"model": champion.name} | headline(row.figures) if row else None
