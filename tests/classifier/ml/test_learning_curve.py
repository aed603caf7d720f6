"""Learning curves: of judgements made up by a known law, and of experts that really learn."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.ml import learning_curve as ml
from classifier.ml.learning_curve import FOLDS, FRACTIONS, Judged, Verdict
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath, Taxonomy

TWO = Taxonomy((LabelPath.of(["Fraud"]), LabelPath.of(["Hacking"])))


def judged_by(law, count, random, jitter=0.05):
    """Two classes of the same size and difficulty, so that F1 of each is how often reports are right.

    A report that is hard is so at all sizes, mostly; each part that is learned from is somewhat better or worse.
    """
    truth, folds, hardness = random.integers(0, 2, count), random.permutation(count) % FOLDS, random.random(count)
    sizes = np.array([0.8 * count * fraction for fraction in FRACTIONS])
    decided = np.zeros((len(FRACTIONS), count), np.int64)
    for step, size in enumerate(sizes):
        noise = np.exp(random.normal(0, jitter, FOLDS))[folds] / np.exp(jitter**2 / 2)
        own = np.where(random.random(count) < 0.7, hardness, random.random(count))
        decided[step] = np.where(own < law(size / 2) * noise, 1 - truth, truth)
    path_counts = np.repeat(sizes[:, None, None] / 2, FOLDS, axis=2).repeat(2, axis=1)
    return Judged([(int(one),) for one in truth], decided, sizes, path_counts, folds, np.arange(count))


def falling(a, b, c):
    return lambda labels: a * labels**-b + c


@pytest.mark.parametrize(
    ("count", "law"),
    [(200, falling(1.5, 0.4, 0.05)), (600, falling(1.5, 0.4, 0.05)), (600, falling(0.0, 0.4, 0.3))],
)
def test_the_interval_of_the_forecast_holds_the_truth_as_often_as_it_says(count, law):
    random, held = np.random.default_rng(1), []
    for seed in range(40):
        curve = ml.curves_of(judged_by(law, count, random), TWO, seed)[1]
        truth = 1 - law(curve.labels + curve.more)
        held.append(curve.then_low <= truth <= curve.then_high)
    assert np.mean(held) >= 0.9


def test_a_steep_curve_rises_and_a_level_one_is_enough_or_flat():
    random = np.random.default_rng(2)
    steep = ml.curves_of(judged_by(falling(4.0, 0.6, 0.0), 200, random), TWO, 0)
    assert {one.verdict for one in steep} == {Verdict.RISING} and all(one.gain > ml.WORTH for one in steep)
    good = ml.curves_of(judged_by(falling(0.0, 1.0, 0.1), 2000, random), TWO, 0)
    assert {one.verdict for one in good} == {Verdict.ENOUGH}
    poor = ml.curves_of(judged_by(falling(0.0, 1.0, 0.46), 2000, random), TWO, 0)
    assert {one.verdict for one in poor} == {Verdict.FLAT}


def test_a_curve_that_is_noise_is_not_known():
    noisy = judged_by(falling(0.0, 1.0, 0.4), 100, np.random.default_rng(3), jitter=0.6)
    assert Verdict.UNKNOWN in {one.verdict for one in ml.curves_of(noisy, TWO, 0)[1:]}


def test_a_class_of_few_labels_starves_and_nothing_is_forecast_of_it():
    judged = judged_by(falling(1.0, 0.5, 0.0), 200, np.random.default_rng(4))
    truths = [(0,)] * 188 + [(1,)] * (ml.FEWEST_OF_CLASS - 8)
    fraud, hacking = ml.curves_of(replace(judged, truths=truths), TWO, 0)[1:]
    assert (hacking.labels, hacking.verdict) == (12, Verdict.STARVING)
    assert hacking.then is hacking.gain is None and hacking.low < hacking.high
    assert fraud.verdict != Verdict.STARVING


def test_the_mean_is_that_of_the_classes_and_measured_figures_are_plain_counts():
    judged = judged_by(falling(1.0, 0.4, 0.0), 300, np.random.default_rng(5))
    mean, fraud, hacking = ml.curves_of(judged, TWO, 0)
    assert mean.f1 == pytest.approx(np.mean([fraud.f1, hacking.f1], axis=0))
    truth, said = np.array([one[0] for one in judged.truths]), judged.decided[-1]
    right = int(((truth == 0) & (said == 0)).sum())
    assert fraud.f1[-1] == pytest.approx(2 * right / int((truth == 0).sum() + (said == 0).sum()))
    assert fraud.low < fraud.f1[-1] < fraud.high


def reports(count=240):
    """Of two sub-categories that words tell apart, one of which is hard, and a category without one."""
    random, found = np.random.default_rng(6), []
    words = (["card", "bank", "otp", "payment", "refund"], ["virus", "trojan", "file", "locked", "ransom"])
    for number in range(count):
        path = number % 3
        own = words[path] if path < 2 else [*words[0][:2], "threat", "insult"]
        text = " ".join([*random.choice(own, 3), *random.choice(["and", "the", "case", "today"], 3), str(number)])
        found.append(Example(text, (path,), f"group {number // 2}"))
    return found


PATHS = Taxonomy((LabelPath.of(["Fraud"], "Card"), LabelPath.of(["Hacking"], "Malware"), LabelPath.of(["Abuse"])))


@pytest.fixture(scope="module")
def measured():
    return ml.judge(reports(), PATHS, 0, lambda: None)


def test_experts_that_learn_more_do_better(measured):
    curves = ml.curves_of(measured, PATHS, 0)
    assert [(one.view, one.label) for one in curves] == [
        ("category", ""), ("category", "Abuse"), ("category", "Fraud"), ("category", "Hacking"),
        ("sub_category", ""), ("sub_category", "Card"), ("sub_category", "Malware"),
    ]  # fmt: skip
    assert all(one.labels == 80 for one in curves if one.label) and curves[0].labels == 240
    assert curves[0].f1[-1] > curves[0].f1[0] and curves[3].f1[-1] > 0.9
    assert list(curves[0].counts) == sorted(curves[0].counts) and curves[0].counts[-1] == pytest.approx(192)


def test_groups_are_never_on_both_sides(measured):
    by_group = {}
    for group, fold in zip(measured.groups, measured.folds, strict=True):
        by_group.setdefault(group, set()).add(fold)
    assert len(by_group) == 120 and all(len(folds) == 1 for folds in by_group.values())


def test_the_same_seed_gives_the_same_curves(measured):
    assert ml.learning_curves(reports(), PATHS, 0, lambda: None) == ml.curves_of(measured, PATHS, 0)


def test_a_beat_comes_before_each_expert_and_may_end_it():
    beats = []

    def beat():
        beats.append(1)
        if len(beats) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        ml.learning_curves(reports(), PATHS, 0, beat)


def test_too_few_reports_and_reports_of_one_kind_are_refused_with_what_is_missing():
    with pytest.raises(ml.TooFew, match=r"99 reports with a label are too few.*100 are needed"):
        ml.learning_curves(reports(99), PATHS, 0, lambda: None)
    alike = [replace(one, group="one") for one in reports(120)]
    with pytest.raises(ml.TooFew, match="at least 10 unlike ones"):
        ml.learning_curves(alike, PATHS, 0, lambda: None)


def test_reports_of_several_labels_are_of_the_classes_of_all_of_them(measured):
    truths = [(0, 1) if place % 6 == 0 else one for place, one in enumerate(measured.truths)]
    curves = {(one.view, one.label): one for one in ml.curves_of(replace(measured, truths=truths), PATHS, 0)}
    assert curves["category", "Hacking"].labels == 120 and curves["category", "Fraud"].labels == 80
