"""Comments on a report's page."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Comment, Incident
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["incident-comment", "incident-ask"])
def test_only_analysts_comment_and_ask(client: Client, name: str) -> None:
    rita = make_user("rita")
    target = reverse(name, args=[make_incident(reporter=rita).pk])
    assert client.post(target, {"text": "x"}).status_code == 302
    client.force_login(rita)
    assert client.post(target, {"text": "x"}).status_code == 403
    assert not Comment.objects.exists()


def test_a_comment_stands_in_its_tab_with_its_markdown(client: Client) -> None:
    client.force_login(make_user("asha", role="analyst"))
    target = reverse("incident-comment", args=[make_incident().pk])
    answer = client.post(target, {"text": "**look** <script>"}, follow=True)
    page = answer.content.decode()
    assert answer.context["page"].tab == "comments"
    assert "<strong>look</strong> &lt;script&gt;" in page and "cannot be changed or removed" in page


def test_what_was_typed_stays_where_it_is_not_taken(client: Client) -> None:
    client.force_login(make_user(role="analyst"))
    target = reverse("incident-comment", args=[make_incident().pk])
    page = client.post(target, {"text": "x" * 20_001, "to_reporter": "on"}).content.decode()
    assert "x" * 20_001 in page and "checked" in page
    assert "The comment is empty" in client.post(target, {"text": " "}).content.decode()


def test_a_question_is_asked_and_the_report_waits(client: Client) -> None:
    client.force_login(make_user(role="analyst"))
    incident = make_incident(status="classified", current_model="m")
    target = reverse("incident-ask", args=[incident.pk])
    assert "Write what you need to know" in client.post(target, {"ask-text": ""}).content.decode()
    client.post(target, {"ask-text": "Which bank?"})
    assert Incident.objects.get().awaits_answer
    assert "Which bank?" in client.get(f"/r/{incident.receipt_token}/").content.decode()
    refused = client.post(target, {"ask-text": "And which card?"}).content.decode()
    assert Comment.objects.count() == 1 and "And which card?" not in Comment.objects.get().text
    assert "And which card?" in refused and "set aside meanwhile" in refused
