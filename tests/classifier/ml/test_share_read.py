"""T5 tells how much of a text it has read, and models of before go on as they were calibrated."""

import json

import numpy as np
import pytest

from classifier.ml.artifact import MANIFEST
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.hybrid import HybridModel
from classifier.ml.training import fit
from tests.classifier.ml.conftest import PATHS
from tests.classifier.ml.shrunk import shrink

PADDING = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 100


@pytest.fixture(autouse=True, scope="module")
def _tiny():
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        yield


@pytest.fixture(scope="module")
def model(make_examples, tmp_path_factory):
    data = TrainingData(PATHS, make_examples(60), make_examples(20, start=500))
    config = TrainingConfig(epochs=1, learning_rate=1e-2, batch_reports=8, device="cpu")
    return fit(data, config, tmp_path_factory.mktemp("work"), lambda sign: None)


def test_the_share_that_was_read_is_told(model):
    read = model.t5.score(["money", "", f"money {PADDING}"]).read
    assert read[:2].tolist() == [1.0, 1.0] and 0 < read[2] < 0.5


def test_content_in_the_middle_of_padding_is_left_to_the_expert_that_reads_all(model):
    hidden = f"{PADDING} a program on my computer deletes files and opens windows {PADDING}"
    parts = model.classify_parts([hidden])
    assert np.abs(parts["t5"][0].probabilities - parts["linear"][0].probabilities).max() > 0.01
    model.weight = 1.0  # T5 alone for what it reads whole
    mixed, linear = model.classify_parts([hidden]), parts["linear"][0]
    assert mixed["blend"][0].decided[0] == linear.decided[0]


@pytest.mark.parametrize(("version", "by_share"), [(2, False), (3, True)])
def test_a_model_of_before_goes_on_as_it_was_measured(model, tmp_path, version, by_share):
    model.save(tmp_path / "model", dataset_hash="", code_version="", metrics={})
    manifest = tmp_path / "model" / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format_version": version}))
    loaded = HybridModel.load(tmp_path / "model", "cpu")
    assert loaded.by_share_read is by_share
