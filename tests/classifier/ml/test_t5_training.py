"""Whole runs with a small T5: learning, resuming, cancelling, reproducing."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.ml import scratch
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.hybrid import HybridModel
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath
from classifier.ml.training import fit
from tests.classifier.ml.conftest import PATHS

CONFIG = TrainingConfig(base_model="small-scratch", epochs=3, learning_rate=5e-3, device="cpu")
TINY = {**scratch.SHAPE, "d_model": 24, "d_kv": 8, "d_ff": 32, "num_heads": 2, "num_layers": 1}


class Cancelled(Exception):
    pass


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setattr(scratch, "SHAPE", TINY)
    monkeypatch.setattr(scratch, "VOCABULARY", 400)


@pytest.fixture(scope="module")
def data(make_examples):
    return TrainingData(PATHS, make_examples(120), make_examples(40, start=500))


def quiet(progress):
    pass


def files(model: HybridModel, folder):
    """Digests of all that is saved, but for the file that holds the seconds that the run took."""
    digests = model.save(folder, dataset_hash="d", code_version="c", metrics={}).files
    return {name: digest for name, digest in digests.items() if name != "hybrid.json"}


def test_a_small_t5_learns_and_is_blended_saved_and_loaded(data, make_examples, tmp_path):
    seen = []
    model = fit(data, CONFIG, tmp_path / "work", seen.append)
    assert set(model.report["validation"]) == {"t5", "linear", "blend"}
    assert model.report["validation"]["t5"]["both"]["accuracy"] > 0.8
    assert [p.validation_score for p in seen if p.validation_score is not None][-1] > 0.8
    assert {p.stage for p in seen} == {"linear", "vocabulary", "t5", "calibration"}
    assert all(p.step <= p.total_steps and p.epoch <= p.epochs for p in seen)
    model.save(tmp_path / "v1", dataset_hash="d", code_version="c", metrics={})
    loaded = HybridModel.load(tmp_path / "v1", device="cpu")
    texts = [example.text for example in make_examples(30, start=2000)]
    parts, again = model.classify_parts(texts), loaded.classify_parts(texts)
    assert set(parts) == {"t5", "linear", "blend"}
    for name in parts:
        for before, after in zip(parts[name], again[name], strict=True):
            assert np.array_equal(before.probabilities, after.probabilities)
            assert before.decided == after.decided
    assert np.array_equal(parts["blend"][0].vector, loaded.embed(texts[:1])[0])
    assert loaded.encoder_hash == model.encoder_hash


def test_a_resumed_run_ends_with_the_same_model_as_an_undisturbed_one(data, tmp_path):
    whole = files(fit(data, CONFIG, tmp_path / "one", quiet), tmp_path / "whole")

    def cancel_in_epoch_two(progress):
        if progress.epoch == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit(data, CONFIG, tmp_path / "two", cancel_in_epoch_two)
    epochs = []
    resumed = fit(data, CONFIG, tmp_path / "two", lambda progress: epochs.append(progress.epoch))
    assert 1 not in epochs
    assert files(resumed, tmp_path / "resumed") == whole


def test_the_checkpoint_of_another_run_is_not_resumed(data, tmp_path):
    fit(data, replace(CONFIG, epochs=1), tmp_path, quiet)
    epochs = []
    fit(data, replace(CONFIG, epochs=1, seed=99), tmp_path, lambda progress: epochs.append(progress.epoch))
    assert 1 in epochs
    assert len(list(tmp_path.iterdir())) == 1


def test_another_seed_gives_another_model(data, tmp_path):
    first = fit(data, replace(CONFIG, epochs=1), tmp_path / "a", quiet)
    second = fit(data, replace(CONFIG, epochs=1, seed=99), tmp_path / "b", quiet)
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


def test_gradient_accumulation_changes_the_passes_not_the_step(data, tmp_path):
    plain = replace(CONFIG, epochs=1)
    whole = fit(data, plain, tmp_path / "a", quiet)
    parts = fit(data, replace(plain, batch_tokens=60), tmp_path / "b", quiet)
    text = ["money was taken from my credit card"]
    # Dropout draws differ between the two, so the figures are near and not equal.
    assert whole.report["validation"]["t5"]["nll"] == pytest.approx(parts.report["validation"]["t5"]["nll"], abs=0.5)
    assert parts.classify_batch(text)[0].probabilities.sum() == pytest.approx(1, abs=1e-5)


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


def test_one_sub_category_under_now_one_and_now_the_other_category_is_learned(tmp_path):
    paths = (LabelPath.of(["A"], "X"), LabelPath.of(["B"], "X"), LabelPath.of(["A", "B"], "Y"), LabelPath.of(["B"]))
    words = ("alpha mail", "beta phone", "gamma both", "delta plain")
    examples = tuple(Example(f"{words[n % 4]} {n}", (n % 4,)) for n in range(160))
    model = fit(TrainingData(paths, examples[:120], examples[120:]), CONFIG, tmp_path, quiet)
    decided = [model.taxonomy.paths[row.decided[0]] for row in model.classify_batch(list(words))]
    assert decided == list(paths)
    alone = [model.taxonomy.paths[row.decided[0]] for row in model.parts["t5"].classify_batch(list(words))]
    assert alone == list(paths)
