"""Which words carried a label."""

import numpy as np
import pytest

from classifier.ml.blend import blend
from classifier.ml.calibration import temper
from classifier.ml.expert import Decider
from classifier.ml.explanation import Explanation, Opinion, contrast, pulls
from classifier.ml.hybrid import HybridModel
from classifier.ml.linear import LinearExpert
from classifier.ml.svd import SvdEmbedder
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import LabelPath, Taxonomy
from classifier.ml.text import words
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from tests.classifier.ml.conftest import PATHS
from tests.classifier.ml.tiny_t5 import tiny_t5

FIVE = Taxonomy(PATHS)
ODD_TEXTS = ["", "   ", "\x00\x00", "a" * 20_000, "😱🔥" * 30, "मेरा बैंक खाता हैक हो गया है", "!!! ???"]


@pytest.fixture(scope="module")
def linear(make_examples):
    expert = LinearExpert.fit(make_examples(100), FIVE, seed=0)
    expert.decider = Decider(temperature=0.2)
    return expert


@pytest.fixture(scope="module")
def t5(make_examples):
    pieces = train_vocabulary([example.text for example in make_examples(100)], 400)
    tokenizer = Tokenizer(pieces, "read this: ", 60)
    labels = [(5, 6), (5, 7), (9, 6), (9, 10, 11), (12,)]
    return T5Classifier(tiny_t5(vocabulary=len(tokenizer)), True, tokenizer, labels, Decider(temperature=2.0))


def hybrid(linear, t5=None, weight=0.0):
    svd = None if t5 else SvdEmbedder.fit(linear.features, ["a false mail", "money was taken"], seed=0)
    return HybridModel(FIVE, "test", linear.decider, linear, t5, svd, weight)


def strongest(explanation: Explanation, count: int) -> set[str]:
    return {explanation.words[place].normal for place in np.argsort(-explanation.totals)[:count]}


def test_the_linear_shares_and_the_bias_are_the_margin(linear):
    text = "someone took money from my credit card, and my password"
    direction = np.array([1.0, -0.4, -0.3, -0.2, -0.1])
    shares = linear.word_shares(words(text), direction)
    margins = (linear.features.transform([text]) @ linear.weights.T + linear.bias)[0]
    assert shares.sum() + direction @ linear.bias == pytest.approx(direction @ margins, abs=1e-6)


def test_the_linear_expert_names_the_words_that_it_learnt(linear):
    text = "yesterday a program on my computer deletes files and opens windows"
    explanation = hybrid(linear).explain(text, [2])[2]
    assert strongest(explanation, 3) <= {"program", "deletes", "files", "opens", "windows", "computer"}
    assert explanation.totals[0] < explanation.totals.max() / 4  # "yesterday" is in no report


def test_leaving_out_the_strongest_words_costs_more_than_leaving_out_others(linear):
    model = hybrid(linear)
    text = "someone sent a false mail with a link that asked for my password number 7"
    explanation, before = model.explain(text, [0])[0], model.classify_batch([text])[0].probabilities[0]
    order = np.argsort(-explanation.totals)

    def without(places):
        left = " ".join(word.normal for place, word in enumerate(explanation.words) if place not in places)
        return model.classify_batch([left])[0].probabilities[0]

    assert before - without(order[:3]) > 3 * (before - without(order[-3:]))


def test_offsets_are_those_of_the_text_as_it_was_written(linear):
    text = "  \u200b someone\n\x00sent ＦＡＬＳＥ mail"
    explanation = hybrid(linear).explain(text, [0])[0]
    assert [text[word.start : word.end] for word in explanation.words] == ["someone", "sent", "ＦＡＬＳＥ", "mail"]


def test_words_that_truncation_leaves_out_have_no_share_in_t5(t5):
    text = " ".join(["mail", *["link"] * 200, "password"])
    shares = t5.word_shares(words(text), np.array([1.0, -1, 0, 0, 0]))
    assert shares[0] != 0 and shares[-1] != 0 and not shares[80:120].any()


def log_odds(direction, t5, linear, deciders, weight, temperature):
    """Of the blend, by way of the blend itself."""
    mixed = blend(temper(t5[None], deciders[0]), temper(linear[None], deciders[1]), weight)
    return float(temper(mixed, temperature)[0] @ direction)


def slope(moved, scores, step=1e-5):
    """(P,) how `moved` of raw log-probabilities changes with each of them, by finite differences."""
    return np.array([(moved(scores + step * one) - moved(scores - step * one)) / (2 * step) for one in np.eye(5)])


@pytest.mark.parametrize("weight", [0.3, 0.8])
def test_each_expert_counts_as_much_as_the_blend_moves_with_it(linear, t5, weight):
    text = "someone sent a false mail with a link"
    model = hybrid(linear, t5, weight)
    says, deciders = [e.score([text]).log_probabilities[0] for e in (t5, linear)], (2.0, 0.2)
    result = model.classify_batch([text])[0]
    direction = contrast(result.probabilities.astype(float), 0, result.decided)
    towards = {
        "t5": slope(lambda t: log_odds(direction, t, says[1], deciders, weight, 0.2), says[0]),
        "linear": slope(lambda li: log_odds(direction, says[0], li, deciders, weight, 0.2), says[1]),
    }
    explanation = model.explain(text, [0])[0]
    alone = {name: model.parts[name].word_shares(words(text), pull) for name, pull in towards.items()}
    for name, shares in explanation.shares.items():
        assert np.abs(shares).max() > 0.01
        assert shares == pytest.approx(alone[name], abs=0.01 * np.abs(shares).max())
    assert explanation.totals == pytest.approx(
        alone["t5"] + alone["linear"], abs=0.01 * np.abs(explanation.totals).max()
    )


def test_an_expert_without_weight_has_no_say(linear, t5):
    text = "someone sent a false mail with a link"
    assert set(hybrid(linear, t5, weight=0.3).explain(text, [0])[0].shares) == {"t5", "linear"}
    assert set(hybrid(linear, t5, weight=0.0).explain(text, [0])[0].shares) == {"linear"}
    assert set(hybrid(linear, t5, weight=1.0).explain(text, [0])[0].shares) == {"t5"}


@pytest.mark.parametrize("weight", [0.3, 0.8])
def test_the_pull_on_each_expert_is_the_slope_of_the_blend(weight):
    rng = np.random.default_rng(3)
    t5, linear = (temper(rng.normal(size=(1, 5)), 1.0)[0] for _ in range(2))
    direction = contrast(np.array([0.5, 0.2, 0.2, 0.05, 0.05]), 0, (0, 1))
    opinions = {"t5": Opinion(t5, 1.3, weight), "linear": Opinion(linear, 0.4, 1 - weight)}
    found = pulls(direction, opinions, 0.9)
    step, change = 1e-6, rng.normal(size=(2, 5))
    higher = log_odds(direction, t5 + step * change[0], linear + step * change[1], (1.3, 0.4), weight, 0.9)
    slope = (higher - log_odds(direction, t5, linear, (1.3, 0.4), weight, 0.9)) / step
    assert slope == pytest.approx(found["t5"] @ change[0] + found["linear"] @ change[1], abs=1e-4)


def test_a_path_that_only_t5_knows_is_explained_by_t5_alone():
    linear = np.array([-0.5, -1.0, -np.inf])
    opinions = {"t5": Opinion(np.log([0.2, 0.2, 0.6]), 1.0, 0.5), "linear": Opinion(linear, 1.0, 0.5)}
    found = pulls(np.array([0.0, 0.0, 1.0]), opinions, 1.0)
    assert set(found) == {"t5"} and found["t5"][2] > 0


def test_labels_decided_together_are_no_rivals():
    assert contrast(np.array([0.5, 0.4, 0.1]), 0, (0, 1)).tolist() == [1.0, 0.0, -1.0]
    assert contrast(np.array([0.5, 0.4, 0.1]), 2, (0, 1)).tolist() == pytest.approx([-5 / 9, -4 / 9, 1.0])


def test_a_single_label_has_nothing_to_be_told_from(make_examples):
    one = Taxonomy((LabelPath.of(["Fraud"]),))
    examples = [type(example)(example.text, (0,)) for example in make_examples(10)]
    expert = LinearExpert.fit(examples, one, seed=0)
    model = HybridModel(
        one, "test", expert.decider, expert, None, SvdEmbedder.fit(expert.features, ["a false mail", "your card"], 0)
    )
    assert not model.explain("a false mail", [0])[0].totals.any()


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_are_explained(linear, t5, text):
    for explanation in hybrid(linear, t5, weight=0.5).explain(text, range(len(PATHS))).values():
        assert np.isfinite(explanation.totals).all() and len(explanation.totals) == len(words(text))
