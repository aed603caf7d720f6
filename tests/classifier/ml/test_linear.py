from dataclasses import replace

import numpy as np
import pytest

from classifier.ml.linear import LinearExpert
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath, Taxonomy
from tests.classifier.ml.conftest import PATHS

FIVE = Taxonomy(PATHS)
TWO = Taxonomy((LabelPath.of(["Attack"]), LabelPath.of(["Fraud"])))
ODD_TEXTS = ["", "   ", "\x00\x00", "a" * 20_000, "😱🔥" * 30, "मेरा बैंक खाता हैक हो गया है", "!!! ???"]


@pytest.fixture(scope="module")
def expert(make_examples):
    return LinearExpert.fit(make_examples(100), FIVE, seed=0)


def test_it_learns_what_the_words_say(expert, make_examples):
    held_out = [example for example in make_examples(50, start=1000) if len(example.paths) == 1]
    decided = [row.decided for row in expert.classify_batch([example.text for example in held_out])]
    assert decided == [example.paths for example in held_out]


def test_a_report_with_two_labels_favours_both(expert, make_examples):
    text = next(example.text for example in make_examples(20) if len(example.paths) == 2)
    assert set(np.argsort(-expert.classify_batch([text])[0].probabilities)[:2]) == {0, 1}


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_get_a_distribution(expert, text):
    result = expert.classify_batch([text])[0]
    assert result.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert 0 < result.confidence < 1


def test_a_report_scores_the_same_alone_and_in_company(expert, make_examples):
    texts = [example.text for example in make_examples(300)]
    together = expert.score(texts).log_probabilities
    assert np.abs(together[[7, 290]] - expert.score([texts[7], texts[290]]).log_probabilities).max() < 1e-5


@pytest.mark.parametrize("labels", [[(2,)] * 6, [(2,), (4,)] * 3])
def test_one_and_two_classes_are_enough(labels):
    examples = [Example(f"report about thing{paths[0]}", paths) for paths in labels]
    expert = LinearExpert.fit(examples, FIVE, seed=0)
    for example in examples:
        assert expert.classify_batch([example.text])[0].decided == example.paths
    assert expert.known.sum() == len(set(labels))


def test_training_on_texts_without_any_word_is_possible():
    expert = LinearExpert.fit([Example("", (0,)), Example("", (1,))], TWO, seed=0)
    assert expert.classify_batch(["anything"])[0].probabilities == pytest.approx([0.5, 0.5], abs=0.1)


def test_saved_and_loaded_it_scores_the_same(expert, tmp_path):
    expert.save(tmp_path)
    texts = ["money from my card", *ODD_TEXTS]
    loaded = LinearExpert.load(tmp_path)
    assert np.array_equal(loaded.score(texts).log_probabilities, expert.score(texts).log_probabilities)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npz"}


def test_logistic_regression_learns_it_too(make_examples, tmp_path):
    expert = LinearExpert.fit(make_examples(100), FIVE, seed=0, machine="logistic")
    held_out = [example for example in make_examples(50, start=1000) if len(example.paths) == 1]
    assert [row.decided for row in expert.classify_batch([e.text for e in held_out])] == [e.paths for e in held_out]
    expert.save(tmp_path)
    assert LinearExpert.load(tmp_path).machine == "logistic"


def test_a_rare_label_is_found_beside_a_common_one():
    common = [Example(f"mail from the bank number {n}", (0,)) for n in range(60)]
    rare = [Example(f"mail from the bank with malware number {n}", (1,)) for n in range(3)]
    expert = LinearExpert.fit([*common, *rare], TWO, seed=0)
    assert expert.classify_batch(["mail from the bank with malware"])[0].decided == (1,)


def test_a_path_without_examples_is_unknown_but_its_category_is_learnt():
    examples = [Example("a password was asked for", (0,)), Example("my files are gone", (2,))] * 5
    expert = LinearExpert.fit(examples, FIVE, seed=0)
    assert expert.known.tolist() == [True, False, True, False, False]


@pytest.mark.parametrize("machine", ["svm", "logistic"])
def test_a_weight_of_0_is_as_if_the_report_were_not_there(make_examples, machine):
    examples, noise = make_examples(60), [replace(one, paths=(4,), weight=0.0) for one in make_examples(8, start=500)]
    without, weightless = (LinearExpert.fit(rows, FIVE, 0, machine) for rows in (examples, [*noise, *examples]))
    assert np.array_equal(without.weights, weightless.weights) and np.array_equal(without.bias, weightless.bias)
    assert np.array_equal(without.classes, weightless.classes)


def test_a_report_of_small_weight_says_less_against_the_others(make_examples):
    examples = make_examples(60)
    chances = []
    for weight in (0.0, 0.25, 1.0):
        disputed = [replace(one, paths=(3,), weight=weight) for one in examples[:20]]
        expert = LinearExpert.fit([*disputed, *examples], FIVE, seed=0)
        chances.append(expert.classify_batch([examples[0].text])[0].probabilities[3])
    assert chances[0] < chances[1] < chances[2]
