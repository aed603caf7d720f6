"""What the gate lets pass, and what not."""

from typing import Any

import pytest

from classifier.ml.gate import CALIBRATION, CLASSES, INT8, OVERALL, REPORTS, GateRules, Verdict, judge
from classifier.ml.variant import VariantMeasure


def figures(accuracy: float = 0.8, ece: float = 0.05, n: int = 200, **f1: tuple[float, int]) -> dict[str, Any]:
    """`f1` by class of the category: (F1, test reports)."""
    classes = [{"label": label, "f1": value, "support": support} for label, (value, support) in f1.items()]
    return {
        "n": n,
        "ece": ece,
        "both": {"accuracy": accuracy},
        "category": {"classes": classes},
        "sub_category": {"classes": [{"label": "", "f1": 0.0, "support": n}]},
    }


def states(verdict: Verdict) -> dict[str, str]:
    return {check.name: check.state for check in verdict.checks}


RULES = GateRules()
FRAUD = {"Fraud": (0.8, 50), "Hacking": (0.7, 30)}


def test_a_version_that_is_no_worse_passes() -> None:
    verdict = judge(figures(**FRAUD), figures(**FRAUD), RULES)
    assert verdict.passed
    assert states(verdict) == {
        REPORTS: "passed",
        OVERALL: "passed",
        CLASSES: "passed",
        CALIBRATION: "passed",
        INT8: "skipped",
    }


@pytest.mark.parametrize(("accuracy", "state"), [(0.79, "passed"), (0.789, "failed"), (0.9, "passed")])
def test_a_loss_over_all_is_allowed_up_to_the_limit(accuracy: float, state: str) -> None:
    assert states(judge(figures(accuracy), figures(0.8), RULES))[OVERALL] == state


@pytest.mark.parametrize(("n", "state"), [(19, "failed"), (20, "passed")])
def test_too_few_test_reports_are_no_ground_to_promote_on(n: int, state: str) -> None:
    assert states(judge(figures(n=n), figures(n=n), RULES))[REPORTS] == state


def test_a_better_mean_does_not_make_up_for_a_class_that_breaks() -> None:
    mine = figures(0.9, Fraud=(0.95, 50), Hacking=(0.55, 30))
    verdict = judge(mine, figures(0.8, **FRAUD), RULES)
    (failed,) = verdict.failed
    assert (failed.name, failed.judged, [one.label for one in failed.classes]) == (CLASSES, 2, ["Hacking"])
    assert failed.classes[0].loss == pytest.approx(0.15)


def test_a_class_that_a_version_never_decides_has_lost_all_of_it() -> None:
    verdict = judge(figures(Fraud=(0.8, 50)), figures(**FRAUD), RULES)
    assert [(one.label, one.after) for one in verdict.failed[0].classes] == [("Hacking", 0.0)]


def test_a_class_with_few_test_reports_is_not_judged_by_itself() -> None:
    verdict = judge(figures(Rare=(0.0, 9), Fraud=(0.8, 50)), figures(Rare=(1.0, 9), Fraud=(0.8, 50)), RULES)
    check = next(check for check in verdict.checks if check.name == CLASSES)
    assert verdict.passed
    assert (check.judged, check.not_judged) == (1, 1)


def test_without_any_class_that_can_be_judged_nobody_is_stopped() -> None:
    verdict = judge(figures(Rare=(0.0, 9)), figures(Rare=(1.0, 9)), RULES)
    assert states(verdict)[CLASSES] == "skipped" and verdict.passed


@pytest.mark.parametrize(
    ("mine", "theirs", "state"), [(0.1, 0.01, "passed"), (0.11, 0.01, "failed"), (0.15, 0.16, "passed")]
)
def test_calibration_is_below_the_limit_or_no_worse_than_before(mine: float, theirs: float, state: str) -> None:
    assert states(judge(figures(ece=mine), figures(ece=theirs), RULES))[CALIBRATION] == state


def int8(agreement: float, n: int = 300) -> VariantMeasure:
    return VariantMeasure(n=n, agreement=agreement, largest_change=0.1, lowest_cosine=0.99, speedup=2.0)


@pytest.mark.parametrize(
    ("measured", "state"),
    [(None, "failed"), (int8(1.0, n=10), "failed"), (int8(0.98), "failed"), (int8(0.99), "passed")],
)
def test_where_int8_is_asked_for_it_has_to_be_measured_and_near_enough(
    measured: VariantMeasure | None, state: str
) -> None:
    assert states(judge(figures(), figures(), GateRules(int8_agreement=0.99), measured))[INT8] == state


def test_a_verdict_comes_back_from_json_as_it_was() -> None:
    verdict = judge(figures(0.5, Fraud=(0.1, 50)), figures(0.8, **FRAUD), RULES)
    assert Verdict.from_json(verdict.to_json()) == verdict
    assert verdict.to_json()["passed"] is False
