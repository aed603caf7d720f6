from dataclasses import replace

import numpy as np
import pytest

from classifier.ml.results import Classification
from classifier.ml.variant import VariantMeasure

GOOD = VariantMeasure(n=400, agreement=0.995, largest_change=0.02, lowest_cosine=0.999, speedup=1.5)


def answer(first, decided=(0,), vector=(1.0, 0.0)):
    probabilities = np.array([first, 1 - first], np.float32)
    return Classification(probabilities, decided, 0.9, np.array(vector, np.float32))


def test_it_counts_equal_decisions_and_keeps_the_largest_differences():
    floats = [answer(0.9), answer(0.8), answer(0.7, (0, 1)), answer(0.6)]
    variants = [answer(0.9), answer(0.75), answer(0.7, (1, 0)), answer(0.45, (1,), (0.6, 0.8))]
    measured = VariantMeasure.of(floats, variants, 1.5)
    assert (measured.n, measured.agreement, measured.speedup) == (4, 0.75, 1.5)
    assert measured.largest_change == pytest.approx(0.15)
    assert measured.lowest_cosine == pytest.approx(0.6)


def test_the_same_labels_are_no_agreement_where_what_is_asked_for_differs():
    floats, variants = [answer(0.9), answer(0.8)], [answer(0.9), answer(0.45)]
    measured = VariantMeasure.of(floats, variants, 1.0, lambda result: (result.decided, result.probabilities[0] > 0.5))
    assert measured.agreement == 0.5


def test_parts_are_merged_by_texts():
    parts = [replace(GOOD, n=198, agreement=1.0), replace(GOOD, n=2, agreement=0.0, lowest_cosine=0.5, speedup=0.5)]
    merged = VariantMeasure.merged([*parts, replace(GOOD, n=50, agreement=0.98, largest_change=0.3)])
    assert (merged.n, merged.agreement, merged.speedup) == (250, 247 / 250, 1.5)
    assert (merged.largest_change, merged.lowest_cosine) == (0.3, 0.5)


def test_parts_of_99_percent_pass_as_99_percent():
    parts = [replace(GOOD, n=10, agreement=float(np.mean([True] * 9 + [number > 1]))) for number in range(20)]
    assert VariantMeasure.merged(parts).agreement == 0.99


@pytest.mark.parametrize(
    ("change", "objection"),
    [
        ({}, ""),
        ({"agreement": 0.99}, ""),
        ({"agreement": 0.9875}, "98.75% of 400 reports decided alike"),
        ({"n": 199}, "on 199 reports only"),
        ({"lowest_cosine": 0.95}, "cosine of 0.950"),
        ({"speedup": 0.1}, "0.1 times the speed"),
    ],
)
def test_the_gate_lets_through_what_is_near_enough_and_says_what_is_not(change, objection):
    measured = replace(GOOD, **change)
    assert objection in measured.objection
    assert measured.passed == (not objection)


def test_what_is_stored_is_read_back():
    assert VariantMeasure.from_json(GOOD.to_json()) == GOOD


def test_a_stored_verdict_is_not_believed():
    stored = {**GOOD.to_json(), "agreement": 0.5, "passed": True}
    assert not VariantMeasure.from_json(stored).passed


NONSENSE = [
    None, [], "int8", 7, {}, {"passed": True}, {**GOOD.to_json(), "agreement": 7},
    {**GOOD.to_json(), "n": 10**400},
    {**GOOD.to_json(), "n": None}, {**GOOD.to_json(), "speedup": "fast"}, {**GOOD.to_json(), "agreement": float("nan")},
    {**GOOD.to_json(), "speedup": 10**400}, {**GOOD.to_json(), "largest_change": [1]},
]  # fmt: skip


@pytest.mark.parametrize("stored", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_the_row_is_no_measurement(stored):
    assert VariantMeasure.from_json(stored) is None
