"""Assigning, watching, grading and rejecting a report from its page."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, User
from tests.builders import make_decided, make_incident, make_path, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


def send(client: Client, name: str, incident: Incident, **fields: object) -> str:
    return client.post(reverse(f"incident-{name}", args=[incident.pk]), fields, follow=True).content.decode()


@pytest.mark.parametrize("name", ["assign", "severity", "watch", "reject"])
def test_only_analysts_do_so(client: Client, name: str) -> None:
    rita = make_user("rita")
    target = reverse(f"incident-{name}", args=[make_incident(reporter=rita).pk])
    assert client.post(target).status_code == 302
    client.force_login(rita)
    assert client.post(target).status_code == 403
    client.force_login(make_user(role="analyst"))
    assert client.get(target).status_code == 405


def test_to_me_to_somebody_to_nobody(client: Client, asha: User) -> None:
    incident, ben = make_incident(), make_user("ben", role="lead")
    assert "asha looks after report" in send(client, "assign", incident, me="1")
    assert "ben looks after report" in send(client, "assign", incident, user=ben.pk)
    assert "may not review" in send(client, "assign", incident, user=make_user("rita").pk)
    assert Incident.objects.get().assignee == ben
    assert "Nobody looks after report" in send(client, "assign", incident, user="")


def test_a_severity_is_one_of_the_list(client: Client, asha: User) -> None:
    incident = make_incident()
    assert "Severity: Critical." in send(client, "severity", incident, severity=4)
    assert "no such severity" in send(client, "severity", incident, severity=9)
    assert Incident.objects.get().severity == 4


def test_watching_starts_and_ends(client: Client, asha: User) -> None:
    incident = make_incident()
    assert "Stop watching" in send(client, "watch", incident)
    assert incident.watches.count() == 1
    assert "Stop watching" not in send(client, "watch", incident, stop="1")
    assert not incident.watches.exists()


def test_a_report_is_rejected_with_a_reason_unless_somebody_was_first(client: Client, asha: User) -> None:
    incident, decided = make_incident(status="classified", current_model="m"), make_decided(make_path())
    assert "is rejected" in send(client, "reject", incident, reason="an advertisement")
    assert Incident.objects.get(pk=incident.pk).current_label.reason == "an advertisement"
    assert "taken or decided" in send(client, "reject", decided)
    assert Incident.objects.get(pk=decided.pk).status == "decided"
