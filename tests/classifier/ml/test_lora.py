"""Adapters on a tiny base: what they change, that merging changes nothing, and runs that are resumed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.ml import hf_format, lora
from classifier.ml.bases import pretrained_t5
from classifier.ml.checkpoints import Checkpoint
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.recipes import recipe_for
from classifier.ml.t5 import T5Classifier
from classifier.ml.t5_training import Trainer
from classifier.ml.training_set import path_targets
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from tests.classifier.ml.conftest import PATHS
from tests.classifier.ml.tiny_t5 import tiny_t5

CONFIG = TrainingConfig(base_model="tiny", epochs=3, batch_reports=8, learning_rate=1e-2, lora_rank=2, device="cpu")
RANK = 2


class Cancelled(Exception):
    pass


@pytest.fixture(scope="module")
def data(make_examples):
    return TrainingData(PATHS, make_examples(40), make_examples(20, start=500))


@pytest.fixture(scope="module", params=["tied", "untied and gated"])
def base(request, data, tmp_path_factory):
    tied = request.param == "tied"
    folder = tmp_path_factory.mktemp("base")
    pieces = train_vocabulary([example.text for example in data.train], 400)
    model = tiny_t5(tied, gated=not tied, vocabulary=len(Tokenizer(pieces, "", 8)))
    with torch.no_grad():
        for weight in model.parameters():
            weight *= 0.5  # near T5's own start, so that it learns
    hf_format.write(model, tied, folder)
    (folder / "spiece.model").write_bytes(pieces)
    return folder


def trainer(base, data, workdir, progress=lambda sign: None, config=CONFIG):
    classifier, recipe = pretrained_t5(str(base), PATHS), recipe_for(config, 0, "cpu")
    return Trainer(classifier, recipe, data, path_targets(data), config, workdir, progress)


@pytest.fixture(scope="module")
def trained(base, data, tmp_path_factory):
    return trainer(base, data, tmp_path_factory.mktemp("work")).run()


def scores(classifier, data):
    return classifier.score([example.text for example in data.validation]).log_probabilities


def test_fresh_adapters_change_nothing_that_the_model_says(base, data):
    classifier = pretrained_t5(str(base), PATHS)
    before = scores(classifier, data)
    lora.add_adapters(classifier.model, RANK, seed=1)
    assert np.abs(scores(classifier, data) - before).max() < 1e-5


def test_training_changes_adapters_only_and_checkpoints_hold_nothing_else(base, data, tmp_path):
    run = trainer(base, data, tmp_path)
    before = {name: weight.clone() for name, weight in run.classifier.model.state_dict().items()}
    run._epoch(None, "print")
    changed = {name for name, weight in run.classifier.model.state_dict().items() if not weight.equal(before[name])}
    assert changed
    assert all("lora_" in name for name in changed)
    kept = Checkpoint.load(tmp_path, "print")
    assert set(kept.model) == set(kept.best) == changed
    assert sum(weight.numel() for weight in kept.model.values()) < sum(map(torch.numel, before.values())) / 2


def test_merged_it_says_what_it_said_with_adapters(base, data, tmp_path):
    run = trainer(base, data, tmp_path)
    run._epoch(None, "print")
    run.engine.eval()
    apart = scores(run.classifier, data)
    lora.merge(run.adapters)
    merged = scores(run.classifier, data)
    assert np.abs(np.exp(merged) - np.exp(apart)).max() < 1e-5
    assert np.abs(apart - scores(pretrained_t5(str(base), PATHS), data)).max() > 0.01  # it has learned


def test_the_artefact_is_that_of_any_t5(base, data, trained, tmp_path):
    trained.save(tmp_path)
    untouched, scale = hf_format.read(base)
    saved, saved_scale = hf_format.read(tmp_path)
    before, after = hf_format.state_of(untouched), hf_format.state_of(saved)
    assert set(before) == set(after)
    assert saved_scale is scale
    changed = {name for name in before if not before[name].equal(after[name])}
    assert changed
    assert not any("norm" in name or "shared" in name or "lm_head" in name for name in changed)
    assert np.array_equal(scores(T5Classifier.load(tmp_path, "cpu"), data), scores(trained, data))


def test_a_resumed_run_ends_with_the_same_model(base, data, trained, tmp_path):
    def cancel_after_the_first_epoch(sign):
        if sign.epoch == 1 and sign.validation_score is not None:
            raise Cancelled

    with pytest.raises(Cancelled):
        trainer(base, data, tmp_path, cancel_after_the_first_epoch).run()
    resumed = trainer(base, data, tmp_path).run()
    assert resumed.hash == trained.hash
    assert np.array_equal(scores(resumed, data), scores(trained, data))


def test_another_rank_is_another_run(base, data, tmp_path):
    trainer(base, data, tmp_path).run()
    epochs = []
    other = replace(CONFIG, lora_rank=3)
    trainer(base, data, tmp_path, lambda sign: epochs.append(sign.epoch), other).run()
    assert 1 in epochs
