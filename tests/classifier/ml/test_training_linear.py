"""Runs with base model "none": the linear expert alone."""

import json
import subprocess
import sys

import numpy as np
import pytest

from classifier.ml.artifact import ArtifactCorrupt
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.hybrid import HybridModel
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath
from classifier.ml.training import fit
from tests.classifier.ml.conftest import PATHS

NONE = TrainingConfig(base_model="none")


@pytest.fixture(scope="module")
def data(make_examples):
    return TrainingData(PATHS, make_examples(100), make_examples(40, start=200))


@pytest.fixture(scope="module")
def model(data, tmp_path_factory):
    return fit(data, NONE, tmp_path_factory.mktemp("work"), lambda progress: None)


def save(model, folder):
    return model.save(folder, dataset_hash="d", code_version="c", metrics={"n": 1})


def test_new_reports_are_classified_with_both_labels_where_there_are_two(model, make_examples):
    examples = make_examples(50, start=900)
    results = model.classify_batch([example.text for example in examples])
    assert [set(result.decided) for result in results] == [set(example.paths) for example in examples]
    assert all(result.confidence > 0.7 for result in results)
    assert all(result.probabilities.dtype == np.float32 for result in results)


def test_a_category_is_at_least_as_sure_as_the_path_that_implies_it(model, make_examples):
    for result in model.classify_batch([example.text for example in make_examples(50, start=900)]):
        implied = {name for path in model.taxonomy.chosen(result.decided) for name in path.categories}
        assert implied == set(result.categories)
        assert result.category_confidence >= result.confidence


def test_the_report_of_the_run_holds_validation_figures(model):
    assert model.report["validation"]["linear"]["both"]["accuracy"] > 0.9
    assert model.report["notes"] == []
    assert json.loads(json.dumps(model.report)) == model.report


def test_the_parts_name_what_is_there(model):
    assert model.parts == {"t5": None, "linear": model.linear}
    assert set(model.classify_parts(["money from my card"])) == {"blend", "linear"}
    assert model.classify_batch([]) == []


def test_a_saved_model_loads_and_says_the_same(model, tmp_path):
    save(model, tmp_path / "v1")
    loaded = HybridModel.load(tmp_path / "v1")
    texts = ["files are locked", "", "dirty pictures 😱"]
    for before, after in zip(model.classify_batch(texts), loaded.classify_batch(texts), strict=True):
        assert np.array_equal(before.probabilities, after.probabilities)
        assert np.array_equal(before.vector, after.vector)
        assert (before.decided, before.confidence) == (after.decided, after.confidence)
    assert loaded.encoder_hash == model.encoder_hash
    assert loaded.taxonomy.paths == PATHS


def test_a_tampered_model_is_refused(model, tmp_path):
    save(model, tmp_path / "v1")
    weights = tmp_path / "v1" / "linear" / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(ArtifactCorrupt):
        HybridModel.load(tmp_path / "v1")


def test_the_same_data_and_seed_give_the_same_files(data, model, tmp_path):
    again = fit(data, NONE, tmp_path / "work", lambda progress: None)
    first, second = save(model, tmp_path / "a").files, save(again, tmp_path / "b").files
    first.pop("hybrid.json"), second.pop("hybrid.json")  # holds the seconds that the run took
    assert first == second


@pytest.mark.parametrize("validation", [0, 3, 1])
def test_too_few_validation_reports_are_said_and_survived(make_examples, tmp_path, validation):
    model = fit(
        TrainingData(PATHS, make_examples(60), make_examples(validation)), NONE, tmp_path, lambda progress: None
    )
    assert "not calibrated" in model.report["notes"][0]
    result = model.classify_batch(["money was taken from my credit card at a shop"])[0]
    assert result.decided == (1,)
    assert 0.3 < result.confidence < 1


def test_a_single_label_trains_and_classifies(tmp_path):
    examples = tuple(Example(f"text {number}", (0,)) for number in range(30))
    data = TrainingData((LabelPath.of(["Only"]),), examples[:15], examples[15:])
    result = fit(data, NONE, tmp_path, lambda progress: None).classify_batch(["anything"])[0]
    assert result.decided == (0,)
    assert result.probabilities.tolist() == [1.0]


def test_paths_without_reports_get_no_probability(make_examples, tmp_path):
    paths = (*PATHS, LabelPath.of(["Never seen"]))
    data = TrainingData(paths, make_examples(50), make_examples(20, start=300))
    result = fit(data, NONE, tmp_path, lambda progress: None).classify_batch(["my credit card"])[0]
    assert result.probabilities[5] == 0
    assert result.probabilities.sum() == pytest.approx(1)


def test_raising_from_progress_ends_the_run(data, tmp_path):
    def cancel(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(data, NONE, tmp_path, cancel)


@pytest.mark.parametrize("train", [(), (Example("a", ()),), (Example("a", (9,)),)])
def test_data_that_cannot_be_trained_on_are_refused(train):
    with pytest.raises(ValueError, match=r"label|path"):
        TrainingData(PATHS, train)


def test_neither_torch_nor_django_is_imported(data, model, tmp_path):
    save(model, tmp_path / "v1")
    code = (
        "import sys; import classifier.ml.training, classifier.ml.hybrid as h, pathlib;"
        f"h.HybridModel.load(pathlib.Path({str(tmp_path / 'v1')!r})).classify_batch(['text']);"
        "print([n for n in ('torch', 'transformers', 'sentencepiece', 'django') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
