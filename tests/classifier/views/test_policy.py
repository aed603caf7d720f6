"""The page of the policy: seen before it is saved, saved with a reason, taken back."""

import re

import pytest
from django.urls import reverse

from classifier.models import Acceptance, ActingPolicy, PromiseAlarm
from incidents.models import Incident
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import (
    make_api_client,
    make_evaluation,
    make_held_out,
    make_incident,
    make_label,
    make_path,
    make_policy,
    make_prediction,
    make_promotion,
    make_user,
)
from tests.classifier.commands.conftest import run

pytestmark = pytest.mark.django_db
URL = "/models/policy/"


@pytest.fixture
def promotion():
    make_path("Financial fraud")
    promotion = make_promotion()
    outcomes = make_held_out(("Fraud", True, 0.99, 300), ("Fraud", False, 0.6, 20), ("Rare", True, 0.3, 5))
    make_evaluation(promotion.version, outcomes=outcomes.to_json())
    return promotion


@pytest.fixture
def admin(client):
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


def words(response):
    return re.sub(r"<[^>]+>|[ \n]+", " ", response.content.decode())


def plain(response):
    return re.sub(r"\s+", " ", words(response))


@pytest.mark.parametrize(("role", "status"), [("reporter", 403), ("analyst", 200), ("lead", 200), ("admin", 200)])
def test_analysts_may_look_and_reporters_not(client, promotion, role, status):
    client.force_login(make_user(role=role))
    assert client.get(URL).status_code == status
    assert client.post(URL, {"error": "2"}).status_code == status


def test_only_those_who_manage_models_save_send_back_and_acknowledge(client, promotion):
    policy = make_policy(promotion.version)
    client.force_login(make_user(role="lead"))
    for address in ("save/", f"{policy.pk}/send-back/", "alarms/1/acknowledge/"):
        assert client.post(f"{URL}{address}", {"error": "2", "reason": "x"}).status_code == 403
    assert ">Save<" not in client.get(URL).content.decode()


def test_a_wish_is_shown_before_it_is_saved(client, admin, promotion):
    page = plain(client.post(URL, {"error": "2", "auto_accept": "on"}))
    assert "What it would come to" in page and "Nobody looks at" in page
    assert "0 of the 300 accepted held-out reports are wrong: 0.0 %. If nobody" in page
    assert "what was found is no promise" in page and "0 of 300" in page
    assert "92.3 %" in page and "+92.3 points" in page
    assert "too few held-out reports" in page
    assert not ActingPolicy.objects.exists()


def test_saved_it_stands_in_the_history_and_can_be_looked_at_again(client, admin, promotion):
    sent = {"error": "2", "auto_accept": "on", "reason": "Fewer looks", "error_0": "1.5", "cost_0": "4"}
    assert client.post(f"{URL}save/", sent).url == URL
    row = ActingPolicy.objects.get()
    assert (row.error, row.errors, row.costs, row.by) == (0.02, {"Fraud": 0.015}, {"Fraud": 4.0}, admin)
    client.post(f"{URL}save/", {"error": "5", "reason": "Other"})
    page = client.get(URL)
    assert "Fewer looks" in plain(page) and f"?from={row.pk}#outcome" in page.content.decode()
    again = client.get(f"{URL}?from={row.pk}").content.decode()
    assert 'name="error" value="2.0"' in again and 'name="error_0" value="1.5"' in again


@pytest.mark.parametrize("number", ["x", "99", "9" * 30, ""])
def test_an_address_that_names_no_policy_shows_the_one_in_force(client, admin, promotion, number):
    assert client.get(f"{URL}?from={number}").status_code == 200


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"error": "2"}, "Say why"),
        ({"error": "90", "reason": "x"}, "less than or equal to 50"),
        ({"error": "", "reason": "x"}, "required"),
        ({"error": "2", "reason": "x", "cost_0": "0.5"}, "greater than or equal to 1"),
        ({"error": "0.1", "reason": "x", "auto_accept": "on"}, "No threshold keeps this promise"),
    ],
)
def test_what_cannot_be_saved_is_told(client, admin, promotion, sent, told):
    response = client.post(f"{URL}save/", sent)
    assert response.status_code == 200 and told in plain(response)
    assert not ActingPolicy.objects.exists()


def test_without_a_champion_the_page_says_what_to_do(client, admin):
    assert "No model serves yet" in plain(client.get(URL))


def test_outcomes_that_were_not_kept_are_told(client, admin):
    make_evaluation(make_promotion().version)
    assert "was not kept" in plain(client.get(URL))


def test_accepted_reports_go_back_by_a_button(client, admin, promotion):
    policy, incident = make_policy(promotion.version), make_incident()
    prediction = make_prediction(incident, promotion.version)
    Acceptance.objects.create(incident=incident, prediction=prediction, policy=policy)
    Incident.objects.filter(pk=incident.pk).update(status="accepted")
    assert f"{policy.pk}/send-back/" in client.get(URL).content.decode()
    page = client.post(f"{URL}{policy.pk}/send-back/", follow=True)
    incident.refresh_from_db()
    assert "1 report is back in the queue" in plain(page) and incident.status == "classified"


def test_an_open_alarm_is_told_there_and_on_the_dashboard_and_acknowledged_with_a_note(client, admin, promotion):
    alarm = PromiseAlarm.objects.create(
        kind="coverage", promotion=promotion, promised=0.9, kept=52, reports=64, evidence=30
    )
    told = "Promised 90.0 %, kept 81.2 % of 64 blind reports: the promise no longer holds."
    for address in (URL, reverse("models")):
        assert told in plain(client.get(address)), address
    make_label(make_incident(blind=True), admin, blind=True, suggested=[], shown_model="x", verdict="correct")
    assert told in plain(client.get(reverse("dashboard-picture", args=["model"])))
    client.post(f"{URL}alarms/{alarm.pk}/acknowledge/", {"note": ""})
    alarm.refresh_from_db()
    assert alarm.state == "open"
    client.post(f"{URL}alarms/{alarm.pk}/acknowledge/", {"note": "A campaign."})
    alarm.refresh_from_db()
    assert (alarm.state, alarm.note, alarm.by) == ("acknowledged", "A campaign.", admin)
    assert "settled meanwhile" in plain(client.post(f"{URL}alarms/{alarm.pk}/acknowledge/", {"note": "x"}, follow=True))


def test_a_policy_that_rests_says_why(client, admin, promotion):
    make_policy(None)
    assert "Not everything is accepted automatically at the moment" in plain(client.get(URL))


def test_what_became_of_a_label_is_said_by_page_api_and_command(client, admin, promotion):
    make_path("Fraud")
    make_path("Rare")
    version = promotion.version
    version.snapshot.path_ids = [make_path(name).pk for name in ("Fraud", "Rare")]
    version.snapshot.save()
    make_policy(version, highs={"Fraud": 0.9})
    take(Wish("merge", "Rare", into="Fraud"), by=admin)
    told = "“Rare” was merged into “Fraud” after the policy was saved"
    page = plain(client.get(URL))
    assert told in page and "its labels have changed since it was measured" in page
    assert make_api_client(admin).get("/api/v1/policy/").json()["rests"].startswith(told)
    assert f"not everything is accepted at the moment: {told}" in run("policy").out


def test_an_accepted_report_is_told_apart_in_lists_and_for_its_reporter(client, admin, promotion):
    incident = make_incident(reporter=admin)
    make_prediction(incident, promotion.version)
    Incident.objects.filter(pk=incident.pk).update(status="accepted")
    receipt = reverse("receipt", args=[incident.receipt_token])
    for address in ("/queue/?status=all", reverse("mine"), receipt):
        page = plain(client.get(address))
        assert "Accepted automatically" in page, address
    assert incident.title in plain(client.get("/queue/?status=accepted"))
    assert incident.title not in plain(client.get("/queue/"))
    assert "Review again" in plain(client.get(f"/incidents/{incident.pk}/"))
    assert "nothing learns from it" in plain(client.get(f"/incidents/{incident.pk}/"))
