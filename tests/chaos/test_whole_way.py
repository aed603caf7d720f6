"""A T5 from a folder goes the whole way, through real workers: trained, measured, promoted, serving."""

from pathlib import Path

import numpy as np
import pytest

from classifier.ml import hf_format
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from classifier.models import AnomalySet, ModelVersion, Prediction, TrainingRun
from classifier.services.promotion import promote
from classifier.services.training import request_training
from incidents.models import Incident, Setting
from incidents.services.filing import FiledReport, file_incident
from tests.chaos.conftest import Plant, child_of
from tests.classifier.ml.tiny_t5 import tiny_t5
from tests.classifier.services.conftest import WORDS, decide_reports, run_to_end
from tests.workers.conftest import wait_for
from workers.models import Job, WorkerHeartbeat

pytestmark = pytest.mark.chaos


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A tiny T5 with a SentencePiece vocabulary of its own, laid out as the hub lays out a model."""
    folder = tmp_path / "tiny-t5"
    folder.mkdir()
    pieces = train_vocabulary([" ".join(WORDS.values())], 400)
    hf_format.write(tiny_t5(vocabulary=len(Tokenizer(pieces, "", 8))), True, folder)
    (folder / hf_format.PIECES).write_bytes(pieces)
    return folder


def file(number: int) -> Incident:
    report = FiledReport(title="", text=f"A caller from the bank asked for the otp code, number {number}.")
    return file_incident(report, source="web").incident


def predicted_by(incident: Incident, version: ModelVersion) -> bool:
    return Prediction.objects.filter(incident=incident, version=version).exists()


def anomaly_set_of(version: ModelVersion) -> bool:
    return AnomalySet.objects.filter(version=version, status=AnomalySet.Status.SERVING).exists()


@pytest.mark.long
def test_a_t5_is_trained_promoted_and_taken_up_by_a_worker_that_goes_on_running(plant: Plant, base: Path) -> None:
    for rule, limit in (("min_reports", 0), ("overall_loss", 1.0), ("calibration", 1.0)):
        Setting.objects.create(key=f"gate_{rule}", value=limit)  # how good so small a T5 is, is not the question here
    decide_reports()
    linear = run_to_end(request_training(base_model="none")).version
    inference, training = plant.worker("inference"), plant.worker("training")
    plant.worker("desk")
    plant.worker("analysis")
    before = file(1)
    wait_for(lambda: predicted_by(before, linear) and anomaly_set_of(linear), 120, sweeping=True)
    child = child_of(inference)

    run = request_training(base_model=str(base), options={"epochs": 2, "learning_rate": 5e-3})
    wait_for(lambda: not TrainingRun.objects.open().exists(), 180, sweeping=True)
    run.refresh_from_db()
    assert (run.status, run.error) == (TrainingRun.Status.SUCCEEDED, "")
    assert "epoch 2/2" in run.log_tail
    version = run.version
    assert version.name == "tiny-t5-v2"
    assert version.stage == ModelVersion.Stage.CHALLENGER
    figures = {one.part: one.figures for one in version.evaluations.filter(snapshot=run.snapshot)}
    assert set(figures) == {"t5", "linear", "served"}
    assert all(one["n"] == run.snapshot.counts["test"] for one in figures.values())
    wait_for(lambda: not (plant.home / "training" / str(run.pk)).exists(), 30)

    promote(version, by=None)
    after = file(2)
    wait_for(lambda: predicted_by(after, version) and predicted_by(before, version), 60, sweeping=True)
    prediction = Prediction.objects.get(incident=after)
    assert prediction.version == version
    chances = np.frombuffer(prediction.distribution, np.float16).astype(float)
    assert chances.shape == (len(WORDS),)
    assert chances.sum() == pytest.approx(1, abs=2e-3)

    wait_for(lambda: anomaly_set_of(version), 60, sweeping=True)
    assert AnomalySet.objects.get(version=linear).status == AnomalySet.Status.RETIRED
    wait_for(lambda: not Job.objects.exclude(status=Job.Status.DONE).exists(), 30, sweeping=True)
    for incident in (before, after):
        incident.refresh_from_db()
        assert incident.current_model == version.name
        assert 0 <= incident.current_anomaly <= 100
    assert child_of(inference) == child
    wait_for(lambda: WorkerHeartbeat.objects.get(queue="inference").model == version.name, 10)
    assert training.stop() == 0
