"""The policy of acting: saved with what follows from it, and in force."""

import pytest

from classifier.ml import acting as ml
from classifier.models import ActingPolicy
from classifier.services import acting
from classifier.services.acting import Asked, PolicyRefused, save
from classifier.services.policy_today import policy_today
from classifier.services.reliance import reliance_in_force
from classifier.services.taxonomy_since import newest_version
from incidents.models import AuditEvent, Setting
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import (
    make_evaluation,
    make_held_out,
    make_path,
    make_policy,
    make_promotion,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def champion():
    for name in ("Fraud", "Rare", "Else"):
        make_path(name)
    version = make_promotion().version
    outcomes = make_held_out(("Fraud", True, 0.99, 300), ("Fraud", False, 0.6, 20), ("Rare", True, 0.99, 5))
    make_evaluation(version, outcomes=outcomes.to_json())
    return version


@pytest.fixture
def admin():
    return make_user(role="admin")


def test_thresholds_follow_from_the_held_out_reports(champion, admin):
    row = save(Asked(0.02, auto_accept=True), by=admin, reason="Fewer looks")
    assert set(row.highs) == {"Fraud"} and 0.6 < row.highs["Fraud"] <= 0.99
    assert (row.version, row.by, row.reason) == (champion, admin, "Fewer looks")
    assert (row.figures["reports"], row.figures["accepted"], row.figures["accepted_wrong"]) == (325, 300, 0)
    assert AuditEvent.objects.get(kind="model.policy_saved").detail["auto_accept"] is True
    assert acting.acts_with(champion) == row and acting.why_it_rests() == ""


def test_policies_are_appended_and_the_newest_is_in_force(champion, admin):
    first = save(Asked(0.02, auto_accept=True), by=admin, reason="One")
    second = save(Asked(0.05), by=admin, reason="Two")
    assert acting.in_force() == second and acting.acts_with(champion) is None
    again = save(Asked.of(first), by=admin, reason="As before")
    assert acting.in_force() == again and again.highs == first.highs and ActingPolicy.objects.count() == 3


def test_without_a_reason_nothing_is_saved(champion, admin):
    with pytest.raises(PolicyRefused, match="Say why"):
        save(Asked(), by=admin, reason=" ")
    assert not ActingPolicy.objects.exists()


def test_what_no_threshold_keeps_is_refused_with_what_it_takes(champion, admin):
    with pytest.raises(PolicyRefused, match="at least 2995 that are all right"):
        save(Asked(0.001, auto_accept=True), by=admin, reason="Dream")
    assert save(Asked(0.001), by=admin, reason="Off").highs == {}


def test_without_an_audit_nothing_is_accepted(champion, admin):
    row = save(Asked(0.02, auto_accept=True), by=admin, reason="Go")
    Setting.objects.create(key="blind_share", value=0.0)
    assert acting.acts_with(champion) is None and "reviewed blind" in acting.why_it_rests()
    with pytest.raises(PolicyRefused, match="reviewed blind"):
        save(Asked.of(row), by=admin, reason="Again")


def test_without_held_out_reports_nothing_is_promised(admin):
    with pytest.raises(PolicyRefused, match="no model in charge"):
        save(Asked(auto_accept=True), by=admin, reason="Go")
    assert save(Asked(), by=admin, reason="Costs").version is None


def test_another_champion_does_not_act_by_the_thresholds_of_the_last(champion):
    make_policy(champion)
    other = make_version()
    assert acting.acts_with(other) is None
    type(champion).objects.filter(pk=champion.pk).update(stage="previous")
    type(other).objects.filter(pk=other.pk).update(stage="champion")
    assert "Another model is in charge" in acting.why_it_rests()


def step(kind, label="", **more):
    return take(Wish(kind, label, **more), by=None)


def test_a_renamed_category_keeps_its_threshold_error_and_cost(champion, admin):
    wish = Asked(0.02, auto_accept=True, errors={"Fraud": 0.03}, costs={"Fraud": 10.0, "Rare": 4.0})
    first = save(wish, by=admin, reason="Go")
    step("rename", category="Fraud", name="Swindle")
    today = policy_today(first)
    assert (dict(today.highs), dict(today.errors)) == ({"Swindle": first.highs["Fraud"]}, {"Swindle": 0.03})
    assert reliance_in_force().of_category == {"Swindle": 0.9, "Rare": 0.75}
    assert acting.categories_known() == ["Rare", "Swindle"]
    again = save(Asked.of(first), by=admin, reason="As before")
    assert again.highs == today.highs and again.errors == {"Swindle": 0.03}


def test_what_is_asked_of_two_categories_that_became_one_is_the_more_careful_of_both(champion):
    make_policy(champion, errors={"Fraud": 0.1, "Else": 0.05}, costs={"Fraud": 10.0, "Else": 20.0})
    step("merge", "Else", into="Fraud")
    asked = Asked.of(acting.in_force())
    assert (dict(asked.errors), dict(asked.costs)) == ({"Fraud": 0.05}, {"Fraud": 20.0})


def test_nothing_is_asked_of_a_category_that_was_retired(champion):
    make_policy(champion, errors={"Rare": 0.1}, costs={"Rare": 10.0})
    step("retire", "Rare")
    assert reliance_in_force().of_category == {} and "Rare" not in acting.categories_known()


def test_no_threshold_follows_for_labels_that_moved_since_the_model_was_measured(champion, admin):
    row = save(Asked(0.02, auto_accept=True), by=admin, reason="Go")
    step("merge", "Else", into="Fraud")
    assert acting.acts_with(champion) == row and not policy_today(row).highs
    with pytest.raises(PolicyRefused, match="Wait until a worker has measured it anew"):
        save(Asked.of(row), by=admin, reason="Again")
    plan = acting.held_out().plan(Asked.of(row).wish)
    assert {one.category: one.why for one in plan.categories} == {"Fraud": ml.OUTDATED, "Rare": ml.FEW}


def test_measured_anew_and_saved_anew_it_is_accepted_again(champion, admin):
    row = save(Asked(0.02, auto_accept=True), by=admin, reason="Go")
    step("merge", "Else", into="Fraud")
    champion.evaluations.update(taxonomy_version=newest_version())
    assert acting.why_it_rests().endswith("save the policy anew.")
    again = save(Asked.of(row), by=admin, reason="Again")
    assert set(policy_today(again).highs) == {"Fraud"} and acting.why_it_rests() == ""


def test_the_cost_of_a_category_moves_its_threshold_alone(champion):
    make_policy(champion, costs={"Fraud": 10.0})
    found = reliance_in_force()
    assert found.threshold == 0.5 and found.of_category == {"Fraud": 0.9}


def test_categories_are_those_decided_and_those_named(champion):
    make_policy(champion, errors={"Gone": 0.1})
    assert acting.categories_known() == ["Fraud", "Gone", "Rare"]
