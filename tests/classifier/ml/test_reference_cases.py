"""What the labels of the first reference system are like, on made-up reports whose answers are known."""

import numpy as np
import pytest

from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath, Taxonomy, category_text, sub_category_text
from classifier.ml.training import fit
from tests.classifier.ml.shrunk import shrink

PATHS = (
    LabelPath.of(["Fraud"], "Phishing"),
    LabelPath.of(["Fraud"], "Card"),
    LabelPath.of(["Obscene material"]),
    LabelPath.of(["Attack", "Fraud"], "Ransom"),
    LabelPath.of(["Profiles"], "Impersonation"),
    LabelPath.of(["Money"], "Impersonation"),
)
PHISHING, CARD, OBSCENE, RANSOM, PROFILE, MONEY = range(6)
CASES = {
    "a false mail asked for my password": (PHISHING,),
    "somebody used my credit card in a shop": (CARD,),
    "a stranger sends dirty pictures every evening": (OBSCENE,),
    "all files are locked and they want bitcoin": (RANSOM,),
    "someone pretends to be me with a false profile on a website": (PROFILE,),
    "someone pretends to be me and asks friends for a transfer": (MONEY,),
    "a false mail asked for my password, then somebody used my credit card in a shop": (PHISHING, CARD),
    "a stranger sends dirty pictures and somebody used my credit card in a shop": (CARD, OBSCENE),
}
UNCLEAR = "someone pretends to be me"  # labelled now with the one category, now with the other
WORDS = ("monday", "again", "near", "home", "week", "yesterday", "since", "may", "please", "help", "very", "urgent")
EVERYTHING = pytest.mark.parametrize("part", ["blend", "t5", "linear"])


def reports(cases, rounds, seed):
    random = np.random.default_rng(seed)
    return tuple(
        Example(f"{text} {' '.join(random.choice(WORDS, 3))}", paths) for _ in range(rounds) for text, paths in cases
    )


CLEAR = tuple(CASES.items())
TORN = ((UNCLEAR, (PROFILE,)), (UNCLEAR, (MONEY,)))
HELD_OUT = reports(CLEAR, 4, seed=3)


@pytest.fixture(scope="module")
def classify(tmp_path_factory):
    """What each expert and their blend, by name, say of texts."""
    train = reports(CLEAR, 24, seed=1) + reports(TORN, 12, seed=5)
    data = TrainingData(PATHS, train, reports(CLEAR, 6, seed=2) + reports(TORN, 1, seed=6))
    # Without spelling noise: so small a model has one word to go by, and 200 reports to learn it from.
    config = TrainingConfig(epochs=20, learning_rate=5e-3, batch_reports=8, spelling_noise=0.0, device="cpu")
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        model = fit(data, config, tmp_path_factory.mktemp("work"), lambda sign: None)
    return lambda texts, part: model.classify_parts(texts)[part]


def decided(classify, part, wanted):
    """The texts of the held-out reports with these labels, and the sets decided for them."""
    texts = [example.text for example in HELD_OUT if example.paths in wanted]
    assert texts
    return [row.decided for row in classify(texts, part)]


@EVERYTHING
def test_several_labels_of_one_text_are_decided_together_and_keep_their_pairs(classify, part):
    for pair in ((PHISHING, CARD), (CARD, OBSCENE)):
        for found in decided(classify, part, [pair]):
            assert set(found) == set(pair)
    chosen = [PATHS[path] for path in decided(classify, part, [(CARD, OBSCENE)])[0]]
    assert set(chosen) == {PATHS[CARD], PATHS[OBSCENE]}  # the category without a sub-category has not got Card's
    assert (category_text(chosen), sub_category_text(chosen)) == ("Fraud or Obscene material", "Card")


@EVERYTHING
def test_one_label_stays_one(classify, part):
    for path in range(len(PATHS)):
        assert set(decided(classify, part, [(path,)])) == {(path,)}


@EVERYTHING
def test_a_category_without_sub_category_is_an_answer(classify, part):
    ((path,), *_) = decided(classify, part, [(OBSCENE,)])
    assert (category_text([PATHS[path]]), sub_category_text([PATHS[path]])) == ("Obscene material", "")


@EVERYTHING
def test_a_sub_category_that_always_implies_two_categories_brings_both(classify, part):
    (row, *_) = classify([example.text for example in HELD_OUT if example.paths == (RANSOM,)], part)
    assert category_text([PATHS[path] for path in row.decided]) == "Attack or Fraud"
    categories = dict(zip(Taxonomy(PATHS).categories, row.probabilities @ Taxonomy(PATHS).category_matrix, strict=True))
    assert min(categories["Attack"], categories["Fraud"]) > 0.8


@EVERYTHING
def test_a_sub_category_under_now_one_and_now_the_other_category_follows_the_text(classify, part):
    assert set(decided(classify, part, [(PROFILE,)])) == {(PROFILE,)}
    assert set(decided(classify, part, [(MONEY,)])) == {(MONEY,)}


@EVERYTHING
def test_where_the_text_leaves_the_category_open_the_sub_category_is_sure_and_the_category_is_not(classify, part):
    rows = classify([example.text for example in reports(TORN, 8, seed=4)], part)
    profile, money = np.mean([row.probabilities[[PROFILE, MONEY]] for row in rows], axis=0)
    assert profile + money > 0.8
    assert min(profile, money) > 0.1


@EVERYTHING
def test_impossible_pairs_have_no_place_in_a_distribution(classify, part):
    for row in classify(["false profile, credit card, bitcoin, dirty pictures", "", "zzz"], part):
        assert row.probabilities.shape == (len(PATHS),)
        assert row.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_the_linear_expert_alone_knows_the_same_cases(tmp_path):
    data = TrainingData(PATHS, reports(CLEAR, 24, seed=1), reports(CLEAR, 6, seed=2))
    model = fit(data, TrainingConfig(base_model="none"), tmp_path, lambda sign: None)
    rows = model.classify_batch([example.text for example in HELD_OUT])
    assert [set(row.decided) for row in rows] == [set(example.paths) for example in HELD_OUT]
