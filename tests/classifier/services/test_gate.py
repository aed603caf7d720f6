"""The gate before a promotion, by the rules that an admin has set."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from classifier.models import DatasetSnapshot, Evaluation, ModelVersion, Promotion, Refusal
from classifier.services import gate
from classifier.services.evaluation import measure_on_test, measure_once
from classifier.services.gate import UNCOMPARED, objections, rules_in_force, verdict_on
from classifier.services.outcomes import outcomes_of
from classifier.services.pair_runs import measure_both
from classifier.services.promotion import Force, GateRefused, PromotionRefused, promote
from classifier.services.training import request_training
from classifier.services.versions import promotion_outcome
from incidents.models import AuditEvent, Setting, User
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_figures, make_user
from tests.classifier.services.conftest import decide_reports, run_to_end

pytestmark = pytest.mark.django_db
Stage = ModelVersion.Stage


@pytest.fixture
def challenger(champion: ModelVersion) -> ModelVersion:
    return run_to_end(request_training(base_model="none", force=True)).version


@pytest.fixture
def worse(challenger: ModelVersion) -> ModelVersion:
    """Measured as a version that is right in fewer reports than the champion."""
    served = challenger.evaluations.get(part="served")
    served.figures = served.figures | {"both": served.figures["both"] | {"accuracy": 0.1}}
    served.save()
    return challenger


@pytest.fixture
def people() -> tuple[User, User]:
    return make_user("ada", role="admin"), make_user("lea", role="lead")


def set_rule(name: str, value: Any) -> None:
    Setting.objects.create(key=f"gate_{name}", value=value)


def test_every_rule_is_a_setting() -> None:
    set_rule("min_support", 25)
    set_rule("class_loss", 0.2)
    rules = rules_in_force()
    assert (rules.min_support, rules.class_loss, rules.min_reports) == (25, 0.2, 20)


def test_the_same_model_again_passes(challenger: ModelVersion, people: tuple[User, User]) -> None:
    promotion = promote(challenger, by=people[0])
    assert promotion.verdict is not None and promotion.verdict.passed
    assert not promotion.forced and not Refusal.objects.exists()


def test_a_worse_one_is_refused_with_the_figures_and_that_is_kept(
    worse: ModelVersion, champion: ModelVersion, people: tuple[User, User]
) -> None:
    with pytest.raises(GateRefused, match=r"10\.0.% of the test reports exactly right"):
        promote(worse, by=people[0], reason="looks good to me")
    champion.refresh_from_db()
    assert champion.stage == Stage.CHAMPION
    refusal = Refusal.objects.get()
    assert (refusal.version, refusal.champion, refusal.by, refusal.reason) == (
        worse,
        champion,
        people[0],
        "looks good to me",
    )
    assert [check.name for check in refusal.verdict.failed] == ["overall"]
    assert AuditEvent.objects.get(kind="model.refused").detail["failed"] == ["overall"]


def test_two_people_and_a_reason_pass_the_gate_by_force(worse: ModelVersion, people: tuple[User, User]) -> None:
    admin, lead = people
    promotion = promote(worse, by=admin, reason="the old one leaks", force=Force(lead))
    assert (promotion.forced, promotion.approved_by, promotion.verdict.passed) == (True, lead, False)
    detail = AuditEvent.objects.get(kind="model.promote").detail
    assert detail["forced"] and detail["approved_by"] == lead.pk


def test_force_without_a_reason_or_by_one_person_is_none(worse: ModelVersion, people: tuple[User, User]) -> None:
    admin, lead = people
    with pytest.raises(PromotionRefused, match="Say why"):
        promote(worse, by=admin, reason="  ", force=Force(lead))
    with pytest.raises(PromotionRefused, match="second person"):
        promote(worse, by=admin, reason="x", force=Force(admin))
    with pytest.raises(PromotionRefused, match="second person"):
        promote(worse, by=None, reason="x", force=Force(lead))
    for nobody in (make_user("ana", role="analyst"), make_user("gone", role="lead", is_active=False)):
        with pytest.raises(PromotionRefused, match="cannot be the second person"):
            promote(worse, by=admin, reason="x", force=Force(nobody))
    assert Promotion.objects.count() == 1


def test_force_where_the_gate_says_yes_is_an_ordinary_promotion(
    challenger: ModelVersion, people: tuple[User, User]
) -> None:
    admin, lead = people
    assert not promote(challenger, by=admin, reason="x", force=Force(lead)).forced


def test_a_champion_that_was_not_measured_on_the_same_reports_is_no_comparison(
    challenger: ModelVersion, champion: ModelVersion, people: tuple[User, User]
) -> None:
    champion.evaluations.filter(snapshot=challenger.snapshot).delete()
    assert [check.name for check in verdict_on(challenger).failed] == [UNCOMPARED]
    with pytest.raises(GateRefused, match="not measured on this version"):
        promote(challenger, by=people[0])


STEPS = {
    "rename": Wish("rename", category="Fraud", name="Swindle"),
    "merge": Wish("merge", "Fraud / Vishing", into="Attack / Malware"),
    "retire": Wish("retire", "Fraud / Vishing"),
    "split": Wish("split", "Fraud / Vishing", names=("Bank calls", "Police calls")),
}


def measured_late(version: ModelVersion, snapshot: DatasetSnapshot, wish: Wish) -> None:
    """The version sits the test after a step, the other one has sat it before."""
    version.evaluations.filter(snapshot=snapshot).delete()
    take(wish, by=None)
    measure_once(version, snapshot, partial(measure_on_test, snapshot=snapshot))


@pytest.mark.parametrize("late", ["champion", "challenger"])
@pytest.mark.parametrize("wish", STEPS.values(), ids=STEPS)
def test_the_same_model_passes_whichever_of_both_was_measured_before_labels_changed(
    challenger: ModelVersion, champion: ModelVersion, wish: Wish, late: str
) -> None:
    set_rule("min_support", 1)
    measured_late(champion if late == "champion" else challenger, challenger.snapshot, wish)
    verdict = verdict_on(challenger)
    assert verdict.passed, objections(verdict)
    classes = next(check for check in verdict.checks if check.name == "classes")
    assert classes.judged and classes.figure == 0, "the classes are the same ones, and judged"


def test_a_loss_is_found_across_a_rename_and_told_in_words_of_today(
    challenger: ModelVersion, champion: ModelVersion
) -> None:
    set_rule("min_support", 1)
    served = challenger.evaluations.get(part="served")
    kept = outcomes_of(served)
    served.outcomes = replace(kept, decided=np.full_like(kept.truth, kept.truth[0])).to_json()
    served.save()
    measured_late(champion, challenger.snapshot, STEPS["rename"])
    told = objections(verdict_on(challenger))
    assert "33.3\u00a0% of the test reports exactly right" in told
    assert "Swindle" in told and "Fraud" not in told


@pytest.mark.parametrize("wish", [STEPS["rename"], STEPS["merge"]], ids=["rename", "merge"])
def test_without_outcomes_labels_that_changed_are_not_compared_and_refuse_nobody(
    challenger: ModelVersion, champion: ModelVersion, wish: Wish
) -> None:
    set_rule("min_support", 1)
    challenger.evaluations.update(outcomes=None)
    measured_late(champion, challenger.snapshot, wish)
    verdict = verdict_on(challenger)
    assert verdict.passed and not {"overall", "classes"} & {check.name for check in verdict.checks}
    told = gate.told(verdict)[0]
    assert told.state == "skipped" and told.finding.startswith("Not compared: the labels have changed since it was")
    measure_both(challenger, champion, challenger.snapshot)
    assert {"overall", "classes"} <= {check.name for check in verdict_on(challenger).checks}, "compared anew"


def test_without_outcomes_both_measured_by_the_same_labels_are_compared(challenger: ModelVersion) -> None:
    Evaluation.objects.update(outcomes=None)
    take(STEPS["rename"], by=None)
    assert "classes" in {check.name for check in verdict_on(challenger).checks}


def test_no_gate_stands_before_the_first_model_or_in_the_way_of_going_back(
    challenger: ModelVersion, champion: ModelVersion, people: tuple[User, User]
) -> None:
    assert not verdict_on(champion).checks
    first = Promotion.objects.get(action=Promotion.Action.FIRST)
    assert first.gate is None and first.verdict is None


def test_a_training_that_is_to_promote_what_is_no_worse_meets_the_gate_too(champion: ModelVersion) -> None:
    set_rule("min_reports", 1000)
    decide_reports(30, start=500)
    run = run_to_end(request_training(base_model="none", promote_if_better=True))
    champion.refresh_from_db()
    assert champion.stage == Stage.CHAMPION
    assert Refusal.objects.get().version == run.version
    promoted, _ = promotion_outcome(run.version, run)
    assert not promoted and "at least 1000 are asked for" in run.log_tail


def test_classes_are_named_in_words_and_not_without_end() -> None:
    lost = [{"label": f"class {n}", "f1": 0.1, "support": 40, "precision": 0.1, "recall": 0.1} for n in range(8)]
    kept = [row | {"f1": 0.9} for row in lost]
    mine, theirs = (make_figures(category={"accuracy": 0.8, "macro_f1": 0.5, "classes": rows}) for rows in (lost, kept))
    told = objections(gate.gate.judge(mine, theirs, rules_in_force()))
    assert "class 4: F1 90.0\u00a0% before, 10.0\u00a0% now" in told
    assert "class 5" not in told and "And 3 more." in told
