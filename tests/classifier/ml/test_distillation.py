import numpy as np
import pytest

from classifier.ml.distillation import soft_targets
from classifier.ml.linear import LinearExpert
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath, Taxonomy
from tests.classifier.ml.conftest import PATHS

FIVE = Taxonomy(PATHS)
TWO = Taxonomy((LabelPath.of(["Attack"]), LabelPath.of(["Fraud"])))


def test_soft_targets_are_distributions_that_favour_the_labels(make_examples):
    examples = make_examples(80)
    teacher = LinearExpert.fit(examples, FIVE, seed=0)
    soft = soft_targets(examples, teacher, FIVE, seed=0, beat=lambda: None)
    assert soft.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.mean([row.argmax() in example.paths for row, example in zip(soft, examples, strict=True)]) > 0.9


def test_a_report_is_judged_by_an_expert_that_has_not_seen_it():
    # Every word occurs in one report only, so whoever has not seen a report knows nothing about it.
    examples = [Example(chr(ord("a") + number) * 12, (number % 2,)) for number in range(24)]
    teacher = LinearExpert.fit(examples, TWO, seed=0)
    soft = soft_targets(examples, teacher, TWO, seed=0, beat=lambda: None)
    assert soft[np.arange(24), [example.paths[0] for example in examples]].mean() < 0.6
    seen = teacher.classify_batch([example.text for example in examples])
    assert all(row.decided == example.paths for row, example in zip(seen, examples, strict=True))


def test_a_handful_of_reports_has_no_folds(make_examples):
    examples = make_examples(7)
    assert soft_targets(examples, LinearExpert.fit(examples, FIVE, 0), FIVE, 0, lambda: None) is None


def test_a_group_is_judged_whole_by_an_expert_that_has_seen_none_of_it():
    # Each word belongs to one group, so whoever has seen half of a group would know the other half.
    words = [chr(ord("a") + number) * 12 for number in range(24)]
    examples = [Example(word, (n % 2,), group=word) for n, word in enumerate(words) for _ in range(2)]
    soft = soft_targets(examples, LinearExpert.fit(examples, TWO, 0), TWO, 0, lambda: None)
    assert soft[np.arange(48), [example.paths[0] for example in examples]].mean() < 0.6
