"""Running a training of the line `classify`: from the frozen dataset to the new version."""

from classifier import registry
from classifier.ml.artifact import ArtifactError
from classifier.ml.config import NO_T5, Progress, TrainingConfig, TrainingData
from classifier.ml.costs import size_of, work
from classifier.ml.hybrid import HybridModel
from classifier.ml.training import fit
from classifier.models import ModelVersion, TrainingRun
from classifier.services import evaluation, training, versions
from classifier.services.code import code_version
from classifier.services.life_cycle import Made, carry_out, keep, new_folder
from classifier.services.room import folder_mb, refuse_without_room
from classifier.services.run_log import RunLog
from classifier.services.snapshot import training_data
from classifier.services.training_estimate import estimate
from workers.jobs import Batch


def run_training(batch: Batch) -> None:
    """Train, evaluate, and keep the version: the whole of a training job. See `carry_out`."""
    carry_out(batch, train)


def train(run: TrainingRun, batch: Batch, log: RunLog) -> ModelVersion:
    log.add(f"dataset {run.snapshot.content_hash[:12]}: {run.snapshot.counts}")

    def measured(model: HybridModel) -> evaluation.Measured:
        return evaluation.measure_on_test(model, run.snapshot, batch.beat)

    return train_texts(run, batch, log, training_data(run.snapshot), measured)


def train_texts(
    run: TrainingRun, batch: Batch, log: RunLog, data: TrainingData, measured: evaluation.Measurement
) -> ModelVersion:
    """Fit a classifier of texts, measure it beside the champion of its line, save it, and keep the version."""
    config = TrainingConfig(base_model=run.base_model, **run.options)
    size = size_of(data.train, config)
    refuse_without_room(estimate(run.line, config, size))
    workdir = training.workdir_of(run)
    resumed = training.has_checkpoint(run)
    workdir.mkdir(parents=True, exist_ok=True)
    model = fit(data, config, workdir, log.progress)
    kept_mb = folder_mb(workdir)
    log.progress(Progress("evaluation", "measuring on the test split, beside the champion"))
    figures = measured(registry.translated(model, run.snapshot.path_ids).model)
    _measure_champion(run, measured, log)
    name = versions.free_name(run.base_model, run.line)
    folder, place = new_folder(name)
    log.progress(Progress("saving", "writing the artefact"))
    model.save(place, dataset_hash=run.snapshot.content_hash, code_version=code_version(), metrics=figures.figures)
    if not resumed:
        took = log.took | {"work": work(config, size), "disk_mb": round(kept_mb * 2 + folder_mb(place), 1)}
        TrainingRun.objects.filter(pk=run.pk).update(measured=took)
    weight = model.weight if run.base_model != NO_T5 else 0.0
    return keep(run, batch, log, Made(name, folder, model.encoder_hash, weight, figures), versions.promote_if_due)


def _measure_champion(run: TrainingRun, measured: evaluation.Measurement, log: RunLog) -> None:
    """Put the champion beside the new version; one that cannot be read is no reason to lose what was trained."""
    champion = ModelVersion.objects.champion(run.line)
    if champion is None:
        return
    try:
        evaluation.measure_once(champion, run.snapshot, measured)
    except ArtifactError as error:
        log.add(f"{champion.name} could not be measured: {error}")
