"""Whole runs with a small T5: learning, resuming, cancelling, reproducing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.ml import scratch
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.hybrid import HybridModel
from classifier.ml.recipes import SCRATCH
from classifier.ml.results import Example
from classifier.ml.t5_training import Trainer
from classifier.ml.taxonomy import LabelPath
from classifier.ml.training import fit
from classifier.ml.training_set import path_targets
from tests.classifier.ml.conftest import PATHS
from tests.classifier.ml.shrunk import shrink

CONFIG = TrainingConfig(base_model="small-scratch", epochs=6, learning_rate=1e-2, batch_reports=8, device="cpu")


class Cancelled(Exception):
    pass


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    shrink(monkeypatch)


@pytest.fixture(scope="module")
def data(make_examples):
    return TrainingData(PATHS, make_examples(100), make_examples(40, start=500))


def quiet(progress):
    pass


def digests(model: HybridModel, folder):
    """Digests of all that is saved, but for the file that holds the seconds that the run took."""
    files = model.save(folder, dataset_hash="d", code_version="c", metrics={}).files
    return {name: digest for name, digest in files.items() if name != "hybrid.json"}


@pytest.fixture(scope="module")
def undisturbed(data, tmp_path_factory):
    """One whole run: the model, where it was saved, the digests of its files, and its signs of progress."""
    seen = []
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        model = fit(data, CONFIG, folder / "work", seen.append)
    return model, folder / "v1", digests(model, folder / "v1"), seen


def test_a_small_t5_learns(undisturbed):
    model, _, _, seen = undisturbed
    assert set(model.report["validation"]) == {"t5", "linear", "blend"}
    assert model.report["validation"]["t5"]["both"]["accuracy"] > 0.8
    assert max(sign.validation_score or 0 for sign in seen) > 0.8
    assert {sign.stage for sign in seen} == {"linear", "vocabulary", "teacher", "t5", "calibration"}
    assert all(sign.step <= sign.total_steps and sign.epoch <= sign.epochs for sign in seen)


def test_a_saved_blend_loads_and_says_the_same(undisturbed, make_examples):
    model, folder, _, _ = undisturbed
    loaded = HybridModel.load(folder, device="cpu")
    texts = [example.text for example in make_examples(30, start=2000)]
    parts, again = model.classify_parts(texts), loaded.classify_parts(texts)
    assert set(parts) == {"t5", "linear", "blend"}
    for name in parts:
        for before, after in zip(parts[name], again[name], strict=True):
            assert np.array_equal(before.probabilities, after.probabilities)
            assert before.decided == after.decided
    assert np.array_equal(parts["blend"][0].vector, loaded.embed(texts[:1])[0])
    assert loaded.encoder_hash == model.encoder_hash


def test_a_resumed_run_ends_with_the_same_model_as_an_undisturbed_one(data, undisturbed, tmp_path):
    def cancel_in_epoch_three(progress):
        if progress.epoch == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit(data, CONFIG, tmp_path / "work", cancel_in_epoch_three)
    epochs = []
    resumed = fit(data, CONFIG, tmp_path / "work", lambda progress: epochs.append(progress.epoch))
    assert {1, 2}.isdisjoint(epochs)
    assert digests(resumed, tmp_path / "resumed") == undisturbed[2]


def test_a_run_with_another_seed_starts_anew_and_ends_elsewhere(data, tmp_path):
    first = fit(data, replace(CONFIG, epochs=1), tmp_path, quiet)
    epochs = []
    other = replace(CONFIG, epochs=1, seed=99)
    second = fit(data, other, tmp_path, lambda progress: epochs.append(progress.epoch))
    assert 1 in epochs
    assert len(list(tmp_path.iterdir())) == 1
    assert first.encoder_hash != second.encoder_hash


def test_training_stops_when_validation_no_longer_improves(data, tmp_path):
    seen = []
    fit(data, replace(CONFIG, epochs=50, patience=1), tmp_path, seen.append)
    assert max(progress.epoch for progress in seen) < 20


def test_a_time_budget_ends_the_run_with_a_usable_model(data, tmp_path):
    seen = []
    model = fit(data, replace(CONFIG, epochs=5000, patience=5000, max_seconds=1.5), tmp_path, seen.append)
    assert max(progress.epoch for progress in seen) < 500
    assert model.classify_batch(["money from my card"])[0].probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_a_step_in_several_passes_has_the_gradient_of_one_pass(data, tmp_path):
    def gradients(batch_tokens):
        recipe = replace(SCRATCH, batch_tokens=batch_tokens)
        classifier = scratch.scratch_t5([example.text for example in data.train], PATHS, 1)
        trainer = Trainer(classifier, recipe, data, path_targets(data), CONFIG, tmp_path, quiet)
        trainer.engine.eval()  # without dropout, whose draws would differ
        trainer._step(range(20))
        return [weight.grad for weight in trainer.engine.parameters() if weight.grad is not None]

    for whole, parts in zip(gradients(4096), gradients(60), strict=True):
        assert torch.allclose(whole, parts, atol=1e-5)


def test_training_without_validation_keeps_the_linear_expert_in_charge(make_examples, tmp_path):
    model = fit(TrainingData(PATHS, make_examples(60)), replace(CONFIG, epochs=1), tmp_path, quiet)
    assert model.weight == 0.0
    assert model.classify_batch(["money was taken from my credit card at a shop"])[0].decided == (1,)


def test_a_single_label_trains(tmp_path):
    examples = tuple(Example(f"text number {number}", (0,)) for number in range(30))
    data = TrainingData((LabelPath.of(["Only"]),), examples[:20], examples[20:])
    result = fit(data, replace(CONFIG, epochs=1), tmp_path, quiet).classify_batch(["anything"])[0]
    assert result.decided == (0,)
    assert result.probabilities.tolist() == [1.0]


def test_where_no_gpu_can_be_used_it_says_so_and_trains_on_the_cpu(data, undisturbed, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    seen = []
    model = fit(data, replace(CONFIG, device="cuda"), tmp_path / "work", seen.append)
    assert any("no GPU that PyTorch can use: the training goes on with the CPU" in one.message for one in seen)
    computed_on = {one.device for one in seen if one.stage == "t5"}
    assert computed_on == {"CPU, 1 thread (there is no GPU that PyTorch can use)"}
    assert digests(model, tmp_path / "v1") == undisturbed[2]


def test_a_gpu_without_memory_enough_gives_way_to_the_cpu_whose_checkpoints_stand_apart(data, monkeypatch, tmp_path):
    """The allocation fails as it would on a GPU that others use; it is the CPU that plays the GPU's part here."""
    begun, run = [], Trainer.run

    def run_out(self):
        begun.append(self.config.device)
        if self.config.device is None:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return run(self)

    monkeypatch.setattr(Trainer, "run", run_out)
    monkeypatch.setattr("classifier.ml.t5_training.is_gpu", lambda config: config.device is None)
    seen = []
    fit(data, replace(CONFIG, device=None, epochs=1), tmp_path / "work", seen.append)
    assert begun == [None, "cpu"]
    assert any("the GPU's memory is not enough" in one.message for one in seen)
    assert list((tmp_path / "work" / "cpu").glob("epoch-*"))


def test_a_cpu_without_memory_enough_has_nowhere_to_give_way_to(data, monkeypatch, tmp_path):
    def run_out(self):
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(Trainer, "run", run_out)
    with pytest.raises(torch.OutOfMemoryError):
        fit(data, replace(CONFIG, epochs=1), tmp_path / "work", quiet)
