"""The test reports behind a figure, as one person may see them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.services.behind import Chosen, ReportsBehind, Which, choices_of
from incidents.models import SecondOpinion
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_decided, make_evaluation, make_outcomes, make_path, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst():
    return make_user(role="analyst")


@pytest.fixture
def world():
    """Four test reports; `one` is right in the first two, `other` in the second and the third."""
    fraud, attack = make_path("Fraud", "Cards"), make_path("Attack")
    reports = [make_decided(path, text=f"Report {n}") for n, path in enumerate([fraud, attack, fraud, attack])]
    one, other = make_version(name="one"), make_version(name="other")
    truths = [fraud, attack, fraud, attack]
    for version, said, confidence in (
        (one, [fraud, attack, attack, fraud], 0.9),
        (other, [attack, attack, fraud, fraud], 0.4),
    ):
        kept = make_outcomes(reports, truths, said, confidence)
        make_evaluation(version, snapshot=one.snapshot, outcomes=kept)
    return reports, one, other


def titles(world, user, **chosen):
    reports, one, other = world
    found = ReportsBehind(one, other, Chosen(**chosen), user)
    return [reports.index(row.incident) for row in found.rows(found.positions)]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (Which.ALL, {0, 1, 2, 3}),
        (Which.WRONG, {2, 3}),
        (Which.GAINED, {0}),
        (Which.LOST, {2}),
        (Which.BOTH_RIGHT, {1}),
        (Which.BOTH_WRONG, {3}),
    ],
)
def test_the_choice_is_by_who_is_right(world, analyst, which, expected):
    assert set(titles(world, analyst, which=which)) == expected


def test_a_cell_of_the_matrix_holds_its_reports(world, analyst):
    assert titles(world, analyst, true="Fraud", said="Attack") == [2]
    assert titles(world, analyst, true="Attack") == [3, 1]
    assert titles(world, analyst, view="sub_category", true="", said="Cards") == [3]


def test_a_row_says_what_is_true_and_what_both_decided(world, analyst):
    _, one, other = world
    found = ReportsBehind(one, other, Chosen(which=Which.LOST), analyst)
    (row,) = found.rows(found.positions)
    assert (row.truth, row.mine.label, row.mine.confidence, row.mine.right) == ("Fraud", "Attack", 0.9, False)
    assert (row.theirs.label, row.theirs.confidence, row.theirs.right) == ("Fraud", 0.4, True)


def test_one_version_alone_has_its_own_test_reports(world, analyst):
    _, one, _ = world
    found = ReportsBehind(one, None, Chosen(which=Which.WRONG), analyst)
    assert len(found.positions) == 2
    assert all(row.theirs is None for row in found.rows(found.positions))
    assert ReportsBehind(one, None, Chosen(which=Which.GAINED), analyst).positions == []
    assert [value for value, _ in choices_of(one, None)] == ["all", "wrong"]


def test_what_was_not_kept_is_said(analyst):
    found = ReportsBehind(make_version(), None, Chosen(), analyst)
    assert (found.known, found.positions, found.rows([])) == (False, [], [])
    assert not ReportsBehind(make_version(), make_version(), Chosen(), analyst).known


def test_a_report_of_a_second_opinion_is_not_shown_to_who_holds_it(world, analyst):
    report = world[0][2]
    soon = timezone.now() + timedelta(minutes=10)
    held = {"state": "held", "claimed_by": analyst, "claimed_at": timezone.now(), "claim_expires_at": soon}
    SecondOpinion.objects.create(incident=report, first=report.current_label, **held)
    assert 2 not in titles(world, analyst)
    assert 2 in titles(world, make_user(role="analyst"))


def test_a_report_of_the_blind_audit_that_is_open_again_is_not_shown(world, analyst):
    report = world[0][2]
    report.blind, report.decided_at = True, timezone.now()
    report.save()
    assert 2 in titles(world, analyst)
    report.decided_at = None
    report.save()
    assert report.hides_prediction
    assert 2 not in titles(world, analyst)


def test_others_reports_do_not_exist_for_reporters(world):
    assert titles(world, make_user(role="reporter")) == []


def test_the_surest_mistakes_come_first(analyst):
    fraud, attack = make_path("Fraud"), make_path("Attack")
    reports = [make_decided(fraud, text=f"Report {n}") for n in range(4)]
    version = make_version()
    kept = make_outcomes(reports, [fraud] * 4, [fraud, attack, attack, fraud])
    kept["confidence"] = [0.3, 0.5, 0.9, 0.99]
    make_evaluation(version, outcomes=kept)
    found = ReportsBehind(version, None, Chosen(), analyst)
    assert [reports.index(row.incident) for row in found.rows(found.positions)] == [2, 1, 3, 0]


def test_a_report_that_is_no_longer_there_is_left_out(world, analyst):
    _, one, other = world
    for row in (one.evaluations.get(), other.evaluations.get()):
        row.outcomes["incidents"][3] = 999_999
        row.save(update_fields=["outcomes"])
    assert set(titles(world, analyst)) == {0, 1, 2}


def test_reports_are_found_and_told_by_the_labels_of_today(world, analyst):
    take(Wish("rename", category="Fraud", name="Swindle"), by=None)
    assert titles(world, analyst, true="Swindle", said="Attack") == [2]
    assert titles(world, analyst, true="Fraud") == []
    _reports, one, other = world
    found = ReportsBehind(one, other, Chosen(view="both"), analyst)
    assert {row.truth for row in found.rows(found.positions)} == {
        "category: Swindle subcategory: Cards",
        "category: Attack subcategory: ",
    }
