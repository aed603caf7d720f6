"""Reports that are accepted automatically: which, and what becomes of them."""

import pytest

from classifier.models import Acceptance
from classifier.services import acting, selection
from classifier.services.accepting import end_acceptances, send_back, standing_by_policy
from classifier.services.classify import classify_batch
from incidents.models import AuditEvent, Incident, Label, Setting
from incidents.services import reporter_messages, reviewing
from incidents.services.filing import FiledReport, file_incident
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_path, make_policy, make_user
from workers import jobs
from workers.jobs import Limit

pytestmark = pytest.mark.django_db
VISHING = FiledReport(title="", text="The bank caller took the otp code.")
ABUSE = FiledReport(title="", text="Picture insult threat at school.")
ACCEPTED, CLASSIFIED = Incident.Status.ACCEPTED, Incident.Status.CLASSIFIED


def work():
    while batch := jobs.claim("inference", worker="test", limits={"classify": Limit(batch=64)}):
        classify_batch(batch)


def filed(report=VISHING, **columns):
    incident = file_incident(report, source=columns.pop("source", "web")).incident
    Incident.objects.filter(pk=incident.pk).update(**{"blind": False} | columns)
    work()
    incident.refresh_from_db()
    return incident


@pytest.fixture
def policy(champion):
    return make_policy(champion, highs={"Fraud": 0.0})


@pytest.fixture
def accepted(policy):
    return filed()


@pytest.fixture
def analyst(db):
    return make_user(role="analyst")


def test_a_report_above_the_threshold_is_accepted_without_a_label(accepted, policy):
    assert (accepted.status, accepted.current_label, accepted.decided_at) == (ACCEPTED, None, None)
    assert Acceptance.objects.get().policy == policy and standing_by_policy() == {policy.pk: 1}
    assert not Label.objects.filter(incident=accepted).exists()
    event = AuditEvent.objects.get(incident=accepted, kind="incident.status_changed")
    assert event.detail == {"before": "classified", "after": "accepted", "policy": policy.pk} and event.actor is None


def test_no_training_learns_from_it(accepted):
    assert selection.decided_reports().exists()
    assert not selection.decided_reports().filter(pk=accepted.pk).exists()


@pytest.mark.parametrize(
    "columns",
    [{"blind": True}, {"source": "detection"}],
    ids=["drawn for the audit", "a detection"],
)
def test_what_a_person_has_to_look_at_is_not_accepted(policy, columns):
    assert filed(**columns).status == CLASSIFIED


def test_a_report_that_somebody_holds_is_left_to_them(policy, analyst):
    assert filed(status="in_review", claimed_by=analyst).status == Incident.Status.IN_REVIEW


@pytest.mark.parametrize(
    "changed",
    [{"auto_accept": False}, {"highs": {"Abuse": 0.0}}, {"highs": {"Fraud": 1.01}}, {"version": None}],
    ids=["switched off", "another category", "not sure enough", "of another version"],
)
def test_only_what_the_policy_in_force_lets_pass_is_accepted(champion, policy, changed):
    make_policy(**{"version": champion, "highs": {"Fraud": 0.0}} | changed)
    assert filed().status == CLASSIFIED


def test_nothing_is_accepted_while_nothing_is_audited(policy):
    Setting.objects.create(key="blind_share", value=0.0)
    assert filed().status == CLASSIFIED


def step(kind, label="", **more):
    return take(Wish(kind, label, **more), by=None)


def test_after_a_rename_acceptance_goes_on_under_the_new_name(policy):
    step("rename", category="Fraud", name="Swindle")
    found = filed()
    assert (found.status, found.current_category) == (ACCEPTED, "Swindle")
    assert acting.why_it_rests() == ""


def test_a_category_that_another_was_merged_into_rests_and_the_reason_is_said(champion):
    make_policy(champion, highs={"Fraud": 0.0, "Abuse": 0.0})
    step("merge", "Attack / Malware", into="Fraud / Vishing")
    assert filed().status == CLASSIFIED
    assert filed(ABUSE).status == ACCEPTED, "a category whose labels did not move is accepted still"
    told = acting.why_it_rests()
    assert told.startswith("“Attack / Malware” was merged into “Fraud / Vishing” after the policy was saved")
    assert "“Fraud”" in told and "Abuse" not in told and told.endswith("save the policy anew.")


def test_a_merge_of_labels_that_no_threshold_stands_on_stops_nothing(champion):
    make_policy(champion, highs={"Fraud": 0.0})
    step("merge", "Attack / Malware", into="Abuse")
    assert filed().status == ACCEPTED and acting.why_it_rests() == ""


def test_what_a_retired_label_had_falls_to_all_others_so_that_all_rest(policy):
    step("retire", "Attack / Malware")
    assert filed().status == CLASSIFIED
    assert acting.why_it_rests().startswith("“Attack / Malware” was retired after the policy was saved")


def test_of_a_label_that_was_split_nothing_is_accepted_even_by_a_new_policy(policy, champion):
    step("split", "Fraud / Vishing", names=("Bank calls", "Police calls"))
    assert filed().status == CLASSIFIED and "“Fraud / Vishing” was split" in acting.why_it_rests()
    make_policy(champion, highs={"Fraud": 0.0})
    assert acting.why_it_rests() == ""
    assert filed().status == CLASSIFIED, "a person has to say into which part"


def test_a_step_that_was_undone_leaves_the_policy_as_it_was(policy):
    merged = step("merge", "Attack / Malware", into="Fraud / Vishing")
    assert acting.why_it_rests()
    step("undo", undoes=merged.pk)
    assert filed().status == ACCEPTED and acting.why_it_rests() == ""


def test_anybody_who_reviews_takes_it_up_again_and_letting_it_go_changes_nothing(accepted, analyst):
    assert not reviewing.claim(accepted, analyst), "it does not look undecided"
    assert reviewing.reopen(accepted, analyst)
    assert reviewing.release(accepted, analyst)
    accepted.refresh_from_db()
    assert accepted.status == ACCEPTED


def test_a_decision_takes_its_place_and_undone_it_waits_for_a_person(accepted, analyst):
    reviewing.reopen(accepted, analyst)
    label = reviewing.decide(accepted, reviewer=analyst, verdict="confirm", paths=[make_path("Fraud", "Vishing")])
    accepted.refresh_from_db()
    assert (accepted.status, label.blind, standing_by_policy()) == (Incident.Status.DECIDED, False, {})


def test_what_was_accepted_under_a_policy_goes_back_to_the_queue_and_stays_there(accepted, policy):
    admin = make_user(role="admin")
    assert send_back(policy, by=admin) == 1
    accepted.refresh_from_db()
    assert accepted.status == CLASSIFIED and Acceptance.objects.get().ended_by == admin
    assert send_back(policy, by=admin) == 0
    jobs.enqueue("classify", accepted.pk, queue="inference", priority=0)
    work()
    accepted.refresh_from_db()
    assert accepted.status == CLASSIFIED


def test_a_reporter_who_says_that_it_is_wrong_brings_it_to_a_person(accepted):
    reporter_messages.say_wrong(accepted, reason="It was not a call.", by=None)
    accepted.refresh_from_db()
    assert accepted.status == Incident.Status.SECOND_LOOK
    assert Acceptance.objects.get().ended_at


def test_a_text_that_grows_brings_it_to_a_person(accepted):
    reporter_messages.add_facts(accepted, facts="They called again, from the bank.", by=None)
    work()
    accepted.refresh_from_db()
    assert accepted.status != ACCEPTED and Acceptance.objects.count() == 1


def test_ending_what_does_not_stand_does_nothing(accepted):
    assert end_acceptances([accepted.pk]) == 1
    assert end_acceptances([accepted.pk]) == 0
