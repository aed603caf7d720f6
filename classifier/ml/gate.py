"""The gate before a promotion: what a challenger must not be worse in than the champion, on the same test reports.

Each check says what it found and what is asked, so that a refusal can be read and argued with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from classifier.ml.variant import VariantMeasure

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
REPORTS, OVERALL, CLASSES, CALIBRATION, INT8 = "reports", "overall", "classes", "calibration", "int8"
LABELS = "labels"  # whether both were measured by the same labels; looked at where they were not
LEVELS = ("category", "sub_category")  # whose classes are looked at one by one


@dataclass(frozen=True, slots=True)
class GateRules:
    """Limits, all from 0 to 1 but for the two counts of test reports."""

    min_reports: int = 20  # of fewer, a single one moves accuracy by more than any limit below
    min_support: int = 10  # of a class before it is judged by itself; of fewer, chance decides
    overall_loss: float = 0.01  # of the share of reports that are exactly right
    class_loss: float = 0.1  # of the F1 of any class that is judged
    calibration: float = 0.1  # calibration error; one that is no worse than the champion's passes as well
    int8_agreement: float = 0.0  # share of reports that int8 decides alike; 0: not asked


@dataclass(frozen=True, slots=True)
class ClassLoss:
    """A class of one level with its F1 in both versions."""

    level: str
    label: str
    support: int  # test reports that have it
    before: float
    after: float

    @property
    def loss(self) -> float:
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `skipped`: it could not be judged, which stops nobody.

    `figure` is the challenger's, `before` the champion's, `limit` what is asked; None where there is none.
    """

    name: str
    state: str
    figure: float | None = None
    before: float | None = None
    limit: float | None = None
    classes: tuple[ClassLoss, ...] = ()  # the failed ones, the worst first
    judged: int = 0  # classes with enough test reports
    not_judged: int = 0  # classes with fewer


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says; without checks, as where no champion stands in the way, it says yes."""

    checks: tuple[Check, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.failed

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.state == FAILED]

    def to_json(self) -> dict[str, Any]:
        """`passed` is for those who read the row; it is never read back."""
        return {"passed": self.passed, "checks": [asdict(check) for check in self.checks]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Verdict":
        """Of what `to_json` gave."""
        return cls(
            tuple(
                Check(**{**check, "classes": tuple(ClassLoss(**one) for one in check["classes"])})
                for check in data["checks"]
            )
        )


def judge(
    mine: Mapping[str, Any], theirs: Mapping[str, Any], rules: GateRules, int8: VariantMeasure | None = None
) -> Verdict:
    """The challenger's figures beside the champion's, both of `metrics.evaluate` on the same test reports.

    `int8`: how far the challenger's int8 variant decides alike; None where it was not measured.
    """
    return Verdict(
        (
            _reports(mine, rules),
            _overall(mine, theirs, rules),
            _classes(mine, theirs, rules),
            _calibration(mine, theirs, rules),
            _int8(int8, rules),
        )
    )


def judge_apart(
    mine: Mapping[str, Any], theirs: Mapping[str, Any], rules: GateRules, int8: VariantMeasure | None = None
) -> Verdict:
    """As `judge`, of figures by labels that changed from one to the other: only what asks for no label is judged."""
    return Verdict(
        (Check(LABELS, SKIPPED), _reports(mine, rules), _calibration(mine, theirs, rules), _int8(int8, rules))
    )


def _state(passed: bool) -> str:
    return PASSED if passed else FAILED


def _reports(mine: Mapping[str, Any], rules: GateRules) -> Check:
    return Check(REPORTS, _state(mine["n"] >= rules.min_reports), figure=mine["n"], limit=rules.min_reports)


def _overall(mine: Mapping[str, Any], theirs: Mapping[str, Any], rules: GateRules) -> Check:
    before, after = theirs["both"]["accuracy"], mine["both"]["accuracy"]
    return Check(OVERALL, _state(_within(before - after, rules.overall_loss)), after, before, rules.overall_loss)


def _classes(mine: Mapping[str, Any], theirs: Mapping[str, Any], rules: GateRules) -> Check:
    losses = [loss for level in LEVELS if level in theirs for loss in _losses(level, mine[level], theirs[level])]
    judged = [one for one in losses if one.support >= rules.min_support]
    worse = sorted((one for one in judged if not _within(one.loss, rules.class_loss)), key=lambda one: -one.loss)
    few = sum(0 < one.support < rules.min_support for one in losses)
    state = SKIPPED if not judged else _state(not worse)
    largest = max((one.loss for one in judged), default=None)
    return Check(CLASSES, state, largest, None, rules.class_loss, tuple(worse), len(judged), few)


def _losses(level: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Sequence[ClassLoss]:
    """Of every class of either version; one that a version never decided has an F1 of 0 there."""
    after = {row["label"]: row for row in mine["classes"]}
    before = {row["label"]: row for row in theirs["classes"]}
    nothing = {"f1": 0.0, "support": 0}
    return [
        ClassLoss(
            level,
            label,
            max(before.get(label, nothing)["support"], after.get(label, nothing)["support"]),
            before.get(label, nothing)["f1"],
            after.get(label, nothing)["f1"],
        )
        for label in sorted(before | after)
        if label  # what has no sub-category is no class of that level
    ]


def _calibration(mine: Mapping[str, Any], theirs: Mapping[str, Any], rules: GateRules) -> Check:
    passed = mine["ece"] <= max(rules.calibration, theirs["ece"])
    return Check(CALIBRATION, _state(passed), mine["ece"], theirs["ece"], rules.calibration)


def _int8(measured: VariantMeasure | None, rules: GateRules) -> Check:
    if not rules.int8_agreement:
        return Check(INT8, SKIPPED)
    if measured is None or not measured.on_enough:
        return Check(INT8, FAILED, limit=rules.int8_agreement)
    state = _state(measured.agreement >= rules.int8_agreement)
    return Check(INT8, state, measured.agreement, None, rules.int8_agreement)


def _within(loss: float, limit: float) -> bool:
    return loss <= limit + 1e-9  # a loss of just the limit is allowed, however it was rounded
