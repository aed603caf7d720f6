"""The page behind a report's private link."""

import pytest
from django.test import Client

from classifier.services.asking import request_classification
from incidents.models import Incident
from tests.builders import make_incident, make_label, make_path, make_prediction, make_user, make_version
from workers.models import Job

pytestmark = pytest.mark.django_db


def address(incident: Incident, part: str = "") -> str:
    return f"/r/{incident.receipt_token}/{part}"


def test_the_link_alone_opens_the_page(client: Client) -> None:
    incident = make_incident(title="Call from a bank")
    page = client.get(address(incident)).content.decode()
    assert "Call from a bank" in page
    assert f"http://testserver{address(incident)}" in page


def test_a_wrong_token_opens_nothing(client: Client) -> None:
    incident = make_incident()
    assert client.get(f"/r/{incident.pk}/").status_code == 404
    assert client.get(address(incident)[:-2] + "/").status_code == 404


@pytest.mark.parametrize("part", ["", "state/"])
def test_the_page_is_never_kept_indexed_or_passed_on(client: Client, part: str) -> None:
    headers = client.get(address(make_incident(), part)).headers
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in headers["X-Robots-Tag"]


def test_no_contact_and_no_name_stand_on_the_page(client: Client) -> None:
    reporter = make_user("margaret")
    incident = make_incident(reporter=reporter, contact="margaret@example.org")
    page = client.get(address(incident)).content.decode()
    assert "margaret" not in page


def test_the_page_asks_again_only_until_a_model_has_read_the_report(client: Client) -> None:
    incident = make_incident()
    waiting = client.get(address(incident, "state/"))
    assert waiting.status_code == 200
    assert 'hx-trigger="every 2s"' in waiting.content.decode()
    make_path("Financial fraud", "Card fraud")
    make_prediction(incident, make_version())
    read = client.get(address(incident, "state/"))
    assert read.status_code == 286
    assert "hx-trigger" not in read.content.decode()
    assert "Financial fraud › Card fraud" in read.content.decode()


def test_a_doubtful_suggestion_is_said_to_be_one(client: Client) -> None:
    incident = make_incident(
        status="classified", current_category="Hacking", current_unsure=True, current_model="linear-v1"
    )
    assert "which is not sure" in client.get(address(incident)).content.decode()


def test_the_decision_of_a_person_replaces_the_suggestion(client: Client) -> None:
    incident = make_incident(status="decided", current_category="Hacking")
    incident.current_label = make_label(incident, paths=[make_path("Financial fraud", "Card fraud")])
    incident.save()
    page = client.get(address(incident)).content.decode()
    assert "Financial fraud › Card fraud" in page
    assert "Hacking" not in page


@pytest.mark.parametrize("status", [one for one in Incident.Status.values if one != Incident.Status.ERASED])
def test_every_state_has_words(client: Client, status: str) -> None:
    incident = make_incident(status=status)
    if status == Incident.Status.DECIDED:
        incident.current_label = make_label(incident, paths=[make_path()])
        incident.save()
    page = client.get(address(incident, "state/")).content.decode()
    assert "eport" in page.split("card-title")[1]


@pytest.mark.parametrize("token", ["a" * 24 + "%00", "a" * 19, "a" * 61, "é" * 24, "%2e%2e%2f" * 8])
def test_what_can_be_no_token_is_no_address(client: Client, token: str) -> None:
    assert client.get(f"/r/{token}/").status_code == 404
    assert client.get(f"/r/{token}/state/").status_code == 404


def test_a_report_that_an_analyst_opens_before_any_model_has_read_it_goes_on_waiting(client):
    incident = make_incident(status=Incident.Status.IN_REVIEW)
    answer = client.get(f"/r/{incident.receipt_token}/state/")
    assert answer.status_code == 200
    assert "sorted by a program" not in answer.content.decode()


@pytest.mark.parametrize("part", ["", "state/"])
def test_a_report_that_no_model_could_read_is_not_said_to_be_sorted_in_seconds(client: Client, part: str) -> None:
    incident = make_incident()
    job = request_classification(incident.pk, priority=Job.Priority.WEB)
    assert "this takes a few seconds" in client.get(address(incident, part)).content.decode()
    Job.objects.filter(pk=job.pk).update(status=Job.Status.FAILED)
    page = client.get(address(incident, part)).content.decode()
    assert "could not read it, so a person will" in page and "a few seconds" not in page
