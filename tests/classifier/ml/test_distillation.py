import numpy as np
import pytest

from classifier.ml.distillation import soft_targets
from classifier.ml.linear import LinearExpert
from classifier.ml.results import Example


def test_soft_targets_are_distributions_that_favour_the_labels(make_examples):
    examples = make_examples(80)
    teacher = LinearExpert.fit(examples, paths=5, c=1.0, seed=0)
    soft = soft_targets(examples, teacher, c=1.0, seed=0, beat=lambda: None)
    assert soft.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.mean([row.argmax() in example.paths for row, example in zip(soft, examples, strict=True)]) > 0.9


def test_a_report_is_judged_by_an_expert_that_has_not_seen_it():
    # Every word occurs in one report only, so whoever has not seen a report knows nothing about it.
    examples = [Example(chr(ord("a") + number) * 12, (number % 2,)) for number in range(24)]
    teacher = LinearExpert.fit(examples, paths=2, c=1.0, seed=0)
    soft = soft_targets(examples, teacher, c=1.0, seed=0, beat=lambda: None)
    assert soft[np.arange(24), [example.paths[0] for example in examples]].mean() < 0.6
    seen = teacher.classify_batch([example.text for example in examples])
    assert all(row.decided == example.paths for row, example in zip(seen, examples, strict=True))


def test_a_handful_of_reports_has_no_folds(make_examples):
    examples = make_examples(7)
    assert soft_targets(examples, LinearExpert.fit(examples, 5, 1.0, 0), 1.0, 0, lambda: None) is None
