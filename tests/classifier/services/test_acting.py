"""The policy of acting: saved with what follows from it, and in force."""

import pytest

from classifier.models import ActingPolicy
from classifier.services import acting
from classifier.services.acting import Asked, PolicyRefused, save
from classifier.services.reliance import reliance_in_force
from incidents.models import AuditEvent, Path, Setting
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


def test_once_labels_have_moved_nothing_is_accepted_and_nothing_promised(champion, admin):
    row = save(Asked(0.02, auto_accept=True), by=admin, reason="Go")
    path = make_path("Fraud")
    type(champion.snapshot).objects.filter(pk=champion.snapshot_id).update(path_ids=[path.pk])
    champion.snapshot.refresh_from_db()
    assert acting.acts_with(champion) == row
    Path.objects.filter(pk=path.pk).update(state=Path.State.DIVIDED)
    assert acting.acts_with(champion) is None and "merged, split or retired" in acting.why_it_rests()
    with pytest.raises(PolicyRefused, match="merged, split or retired"):
        save(Asked.of(row), by=admin, reason="Again")


def test_the_cost_of_a_category_moves_its_threshold_alone(champion):
    make_policy(champion, costs={"Fraud": 10.0})
    found = reliance_in_force()
    assert found.threshold == 0.5 and found.of_category == {"Fraud": 0.9}


def test_categories_are_those_decided_and_those_named(champion):
    make_policy(champion, errors={"Gone": 0.1})
    assert acting.categories_known() == ["Fraud", "Gone", "Rare"]
