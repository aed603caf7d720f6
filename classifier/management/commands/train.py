"""`manage.py train`: the training job, run here and now or left to a worker."""

import os
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from classifier.management.cli import ModelCommand, headline
from classifier.management.interrupted_training import settle_the_past, take_up_interrupted
from classifier.management.selection_options import add_selection_options, chosen_selection
from classifier.management.training_options import add_training_options, chosen_options
from classifier.management.training_watch import watched
from classifier.ml.config import NO_T5, SMALL_SCRATCH
from classifier.models import Evaluation, ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY, DETECT
from classifier.services.dataset_contents import Contents, DecidedReports, in_words
from classifier.services.lines import line_named
from classifier.services.selection import ALL
from classifier.services.training import TrainingRefused, cancel_training, check_options, job_of
from classifier.services.training_page import Plan, training_page
from classifier.services.versions import promotion_outcome
from classifier.wording import amount, duration
from config.commands import EXIT_CODES, Exit, stop
from events.services.training import REQUESTS, run_training
from workers import jobs, runner

LEASE = timedelta(seconds=60)  # renewed every 5 s, by a thread that long work in C may hold up


class Command(ModelCommand):
    help = (
        "Train a model on what was decided so far, and measure it beside the one in charge. Runs in this process "
        "and needs no broker; with --enqueue a training worker does it. Ctrl-C cancels. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--base-model",
            default=SMALL_SCRATCH,
            metavar="NAME",
            help=f"{SMALL_SCRATCH} (default), {NO_T5} (the linear expert alone), a folder in Hugging Face format, "
            "or a hub name such as google/flan-t5-small",
        )
        parser.add_argument(
            "--line",
            choices=[CLASSIFY, DETECT],
            default=CLASSIFY,
            help=f"{CLASSIFY} (default) learns from the decided reports, {DETECT} from the examples of threats",
        )
        parser.add_argument("--enqueue", action="store_true", help="leave it to a training worker")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only tell what it would learn from, and what it will cost",
        )
        parser.add_argument("--force", action="store_true", help="train again although no decision has changed")
        add_training_options(parser)
        add_selection_options(parser)

    def work(self, **options: Any) -> dict[str, Any]:
        started, line = time.monotonic(), options["line"]
        champion = ModelVersion.objects.champion(line)
        base_model = _base_model(options["base_model"])
        wanted: dict[str, Any] = {
            "base_model": base_model,
            "options": chosen_options(base_model, options),
            "force": options["force"],
        }
        if (selection := chosen_selection(line, options)) != ALL:
            wanted["selection"] = selection
        if options["dry_run"]:
            return _planned(line, wanted)
        settle_the_past()
        if options["enqueue"]:
            run = _requested(line, wanted)
            return {"run": run.pk, "status": run.status, "dataset": run.snapshot.content_hash}
        run, batch = self._taken(line, wanted)
        try:
            with watched(run, self.stderr.write):
                runner.run(batch, run_training)
        finally:
            _close(run, batch)
        run.refresh_from_db()
        if run.version is None:
            raise stop(f"training {run.pk} {run.get_status_display().lower()}. {run.error}".strip())
        return _result(run, run.version, champion) | {"seconds": round(time.monotonic() - started, 3)}

    def _taken(self, line: str, wanted: dict[str, Any]) -> tuple[TrainingRun, jobs.Batch]:
        """A run whose job this process holds: the interrupted one where there is one, else a new one."""
        worker = f"train@{socket.gethostname()}:{os.getpid()}"
        if interrupted := take_up_interrupted(line, worker=worker, lease=LEASE):
            run = interrupted[0]
            self.stderr.write(
                f"training {run.pk} ({run.base_model}) was interrupted; going on from its last checkpoint"
            )
            selection = wanted.get("selection", ALL).to_json()
            if (run.base_model, run.options, run.selection) != (wanted["base_model"], wanted["options"], selection):
                self.stderr.write(
                    "it was asked for with other options; what is asked for now can follow when it is over"
                )
            return interrupted
        with transaction.atomic():  # no worker sees the job before it is taken
            run = _requested(line, wanted)
            batch = jobs.claim_job(job_of(run), worker=worker, lease=LEASE)
        assert batch is not None, "nobody else could see the job"
        self.stderr.write(f"training {run.pk} ({run.base_model}) on {_counted(run)}")
        for sentence in in_words(Contents.from_json(run.contents).parts):
            self.stderr.write(sentence)
        return run, batch

    def _tell_plan(self, result: dict[str, Any]) -> None:
        if "contents" in result:
            contents = Contents.from_json(result["contents"])
            counts = ", ".join(f"{count} {split}" for split, count in sorted(contents.counts.items()))
            self.stdout.write(f"in the dataset: {counts}")
            for sentence in in_words(contents.parts):
                self.stdout.write(sentence)
            self.stdout.write(
                f"no label: {contents.undecided} undecided, {contents.unsure} unsure, {contents.rejected} rejected"
            )
        cost = result["estimate"]
        self.stdout.write(
            f"about {duration(cost['seconds'])}, {amount(cost['memory_mb'])} of memory, {amount(cost['disk_mb'])} of "
            f"disk. {cost['rests_on']}"
        )
        for sentence in result["lacks"]:
            self.stdout.write(sentence)

    def tell(self, result: dict[str, Any]) -> None:
        if "estimate" in result:
            return self._tell_plan(result)
        if "model" not in result:
            self.stdout.write(f"training {result['run']} waits for a training worker.")
            return
        self.stdout.write(f"{result['model']} after {result['seconds']:.0f} s. {result['promotion']}")
        for name, figures in result["figures"].items():
            if figures:
                views = ("category", "sub_category", "both") if result["line"] == CLASSIFY else ("category",)
                told = ", ".join(f"{view} {figures[view]['accuracy']:.3f}" for view in views)
                self.stdout.write(f"{name:>9}: right {told}; calibration error {figures['ece']:.3f}")


def _planned(line: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the training page shows before the start."""
    try:
        check_options(wanted["base_model"], wanted["options"])
    except TrainingRefused as error:
        raise stop(str(error), Exit.REFUSED) from error
    contents = DecidedReports().contents(wanted.get("selection", ALL)) if line == CLASSIFY else None
    page = training_page(line, Plan(wanted["base_model"], wanted["options"]), contents)
    told: dict[str, Any] = {"contents": contents.to_json()} if contents else {}
    return {"line": line, **told, "estimate": page.estimate.to_json(), "lacks": list(page.lacks)}


def _requested(line: str, wanted: dict[str, Any]) -> TrainingRun:
    try:
        return REQUESTS[line](**wanted)
    except TrainingRefused as error:
        raise stop(str(error), Exit.REFUSED) from error


def _close(run: TrainingRun, batch: jobs.Batch) -> None:
    """Leave nothing open that nobody works on, and what another process has taken over alone."""
    if job_of(run).token not in {"", batch.token}:
        raise stop(f"training {run.pk} was taken over: this process was not heard of for {LEASE.seconds} s.")
    cancel_training(run)


def _base_model(name: str) -> str:
    """A folder by its full address, since a worker may run elsewhere."""
    given = name not in {NO_T5, SMALL_SCRATCH} and Path(name).is_dir()
    return str(Path(name).resolve()) if given else name


def _counted(run: TrainingRun) -> str:
    counts = ", ".join(f"{count} {split}" for split, count in sorted(run.snapshot.counts.items()))
    return f"{counts} {line_named(run.line).noun}"


def _result(run: TrainingRun, version: ModelVersion, champion: ModelVersion | None) -> dict[str, Any]:
    promoted, promotion = promotion_outcome(version, run)
    figures = {row.part: headline(row.figures) for row in version.evaluations.filter(snapshot=run.snapshot)}
    return {
        "run": run.pk,
        "line": run.line,
        "model": version.name,
        "base_model": run.base_model,
        "dataset": run.snapshot.content_hash,
        "reports": run.snapshot.counts,
        "selection": run.selection,
        "contents": run.contents,
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
