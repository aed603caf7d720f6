"""What a wish comes to on held-out reports."""

import numpy as np
import pytest

from classifier.ml.acting import ABSTAIN, ACCEPT, FEW, NOT_WANTED, SUGGEST, UNPROVEN, Wish, band, plan
from classifier.ml.outcomes import Outcomes
from classifier.ml.taxonomy import LabelPath

NAMES = ("Fraud", "Hacking", "Rare")


def outcomes(rows):
    """`rows`: category decided, whether that is right, confidence, how many of these."""
    said, right, confidence = [], [], []
    for category, is_right, sure, count in rows:
        said += [NAMES.index(category)] * count
        right += [is_right] * count
        confidence += [sure] * count
    decided = np.array(said)
    truth = np.where(right, decided, (decided + 1) % len(NAMES))
    paths = tuple(LabelPath((name,), "") for name in NAMES)
    return Outcomes(np.arange(len(said)), paths, ((0,), (1,), (2,)), truth, decided, np.array(confidence))


@pytest.fixture
def held_out():
    return outcomes(
        [
            ("Fraud", True, 0.99, 300),
            ("Fraud", False, 0.6, 20),
            ("Hacking", True, 0.97, 150),
            ("Hacking", False, 0.97, 2),
            ("Hacking", True, 0.3, 30),
            ("Rare", True, 0.99, 5),
        ]
    )


def by_name(found):
    return {one.category: one for one in found.categories}


def test_the_bands_add_up_to_all_reports(held_out):
    found = plan(held_out, Wish(0.02, least=0.5))
    assert (found.reports, found.wrong) == (507, 22)
    assert found.accepted + found.suggested + found.abstained == found.reports
    assert found.abstained == 30
    assert (found.accepted, found.accepted_wrong) == (452, 2)
    assert found.promised == 0.02


def test_of_a_category_only_what_it_has_proved_alone_is_promised(held_out):
    found = plan(held_out, Wish(0.05, {"Fraud": 0.04, "Hacking": 0.01, "Rare": 0.5}))
    assert {one.category: one.promised for one in found.categories} == {"Fraud": 0.04, "Hacking": None, "Rare": None}
    assert found.promised == 0.04, "of all together it is the largest of what is accepted"


def test_a_category_with_too_few_held_out_reports_is_not_accepted(held_out):
    rare = by_name(plan(held_out, Wish(0.05)))["Rare"]
    assert (rare.high, rare.why, rare.accepted, rare.suggested) == (None, FEW, 0, 5)


def test_a_category_may_always_be_looked_at(held_out):
    found = by_name(plan(held_out, Wish(0.05, {"Fraud": 0.0})))
    assert (found["Fraud"].why, found["Fraud"].accepted) == (NOT_WANTED, 0)
    assert found["Hacking"].accepted


def test_a_category_with_an_error_of_its_own_has_to_prove_it_alone(held_out):
    found = by_name(plan(held_out, Wish(0.05, {"Hacking": 0.01})))
    assert (found["Hacking"].why, found["Hacking"].accepted) == (UNPROVEN, 0)
    assert (found["Fraud"].accepted == 320 and found["Fraud"].accepted_wrong == 20) or found["Fraud"].accepted == 300


def test_nothing_unsure_is_accepted(held_out):
    found = by_name(plan(held_out, Wish(0.1, leasts={"Hacking": 0.98})))
    assert (found["Hacking"].abstained, found["Hacking"].accepted) == (182, 0)
    assert found["Hacking"].high is None or found["Hacking"].high >= 0.98


def test_thresholds_are_told_of_what_is_accepted_alone(held_out):
    assert set(plan(held_out, Wish(0.02)).highs) == {"Fraud", "Hacking"}


def test_a_model_that_is_never_right_accepts_nothing():
    found = plan(outcomes([("Fraud", False, 0.99, 500)]), Wish(0.02))
    assert (found.accepted, found.promised, found.highs) == (0, None, {})


@pytest.mark.parametrize(
    ("confidence", "high", "told"),
    [(0.49, 0.9, ABSTAIN), (0.5, 0.9, SUGGEST), (0.9, 0.9, ACCEPT), (0.99, None, SUGGEST)],
)
def test_a_confidence_falls_into_one_band(confidence, high, told):
    assert band(confidence, 0.5, high) == told
