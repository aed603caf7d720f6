import numpy as np
import pytest

from classifier.ml.hierarchy import CategoryLevel, category_probabilities
from classifier.ml.taxonomy import Taxonomy
from tests.classifier.ml.conftest import PATHS

FIVE = Taxonomy(PATHS)  # phishing and card are fraud, malware is attack, ransom is both, obscene material


def test_categories_have_the_probability_of_their_paths():
    rows = category_probabilities(FIVE, np.array([[0.3, 0.3, 0.2, 0.1, 0.1]]))
    assert rows[0] == pytest.approx([0.6, 0.2, 0.1, 0.1])


def test_the_category_is_sure_where_the_path_is_not():
    torn = np.array([[0.45, 0.45, 0.05, 0.03, 0.02]])
    ((names, confidence),) = CategoryLevel().judge(FIVE, torn)
    assert names == ("Fraud",)
    assert confidence == pytest.approx(0.9, abs=0.01)


def test_a_path_that_implies_two_categories_decides_both():
    ((names, _),) = CategoryLevel().judge(FIVE, np.array([[0.1, 0.0, 0.1, 0.8, 0.0]]))
    assert names == ("Attack", "Fraud")


def test_confidence_is_learnt_from_how_often_categories_were_right():
    random = np.random.default_rng(0)
    rows = random.dirichlet(np.ones(5) * 0.3, 600)
    truths = [(int(random.integers(5)),) if random.random() < 0.5 else (int(row.argmax()),) for row in rows]
    level = CategoryLevel.fit(FIVE, rows, truths, cap=1)
    fresh = random.dirichlet(np.ones(5) * 0.3, 600)
    sure = [confidence for _, confidence in level.judge(FIVE, fresh)]
    assert 0.5 < np.mean(sure) < 0.75  # half of the truths are drawn by chance, 1.6 of 4 such draws are right


def test_it_comes_back_from_json():
    level = CategoryLevel.fit(FIVE, np.random.default_rng(1).dirichlet(np.ones(5), 50), [(0,)] * 50, cap=2)
    assert CategoryLevel.from_json(level.to_json()) == level
