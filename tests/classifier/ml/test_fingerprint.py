"""A checkpoint is taken up only by the run that it belongs to."""

import shutil

import pytest
import torch

from classifier.ml import hf_format
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.linear import LinearExpert
from classifier.ml.t5_training import fit_t5
from classifier.ml.taxonomy import Taxonomy
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from tests.classifier.ml.conftest import PATHS
from tests.classifier.ml.tiny_t5 import tiny_t5


class Stopped(Exception):
    pass


def test_a_base_that_changed_under_its_name_is_trained_from_its_beginning(make_examples, tmp_path):
    base, work = tmp_path / "base", tmp_path / "work"
    base.mkdir()
    data = TrainingData(PATHS, make_examples(20), make_examples(10, start=100))
    pieces = train_vocabulary([example.text for example in data.train], 400)
    hf_format.write(tiny_t5(vocabulary=len(Tokenizer(pieces, "", 8))), True, base)
    (base / hf_format.PIECES).write_bytes(pieces)
    teacher = LinearExpert.fit(data.train, Taxonomy(PATHS), 0)
    config = TrainingConfig(base_model=str(base), epochs=2, device="cpu")

    def stop(progress):
        if progress.validation_score is not None:
            raise Stopped

    def epochs_until_the_end():
        seen = []
        fit_t5(data, config, work, lambda p: p.validation_score is not None and seen.append(p.epoch), teacher)
        return seen

    with pytest.raises(Stopped):
        fit_t5(data, config, work, stop, teacher)
    saved = next(work.glob("epoch-1")).rename(tmp_path / "saved")
    shutil.copytree(saved, work / "epoch-1")
    assert epochs_until_the_end() == [2]
    shutil.rmtree(work)
    shutil.copytree(saved, work / "epoch-1")
    model, scales = hf_format.read(base)
    with torch.no_grad():
        model.shared.weight.mul_(1.01)
    hf_format.write(model, scales, base)
    assert epochs_until_the_end() == [1, 2]
