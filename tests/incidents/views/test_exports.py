import pytest
from django.urls import reverse

from incidents.models import AuditEvent
from incidents.services import search
from incidents.services.search import index_reports
from tests.builders import make_decided, make_incident, make_path, make_user

pytestmark = pytest.mark.django_db


def get(client, form, user, query=""):
    client.force_login(user)
    return client.get(f"{reverse('export', args=[form])}?{query}")


def test_an_analyst_downloads_what_the_list_shows(client):
    make_decided(make_path("Fraud"))
    make_incident()
    analyst = make_user(role="analyst")
    response = get(client, "csv", analyst, "status=decided&q=")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert response["Content-Disposition"] == 'attachment; filename="reports.csv"'
    event = AuditEvent.objects.get(kind="incidents.exported")
    assert (event.actor, event.detail["filters"]) == (analyst, {"status": "decided"})


def test_json_lines_stream_as_well(client):
    make_incident()
    response = get(client, "jsonl", make_user(role="analyst"), "status=new")
    assert response.streaming
    assert response["Content-Type"] == "application/x-ndjson"
    assert len(b"".join(response.streaming_content).splitlines()) == 1


def test_all_that_have_the_words_are_downloaded_and_decided(client, monkeypatch):
    """More than the list looks through: it says so there, and a file or a run cannot."""
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    index_reports([make_incident(text="a zebra").pk for _ in range(3)])
    analyst = make_user(role="analyst")
    response = get(client, "jsonl", analyst, "status=all&q=zebra")
    assert len(b"".join(response.streaming_content).splitlines()) == 3
    asked = {"scope": "filter", "query": "status=all&q=zebra", "verdict": "reject"}
    assert client.get(reverse("bulk-new"), asked).context["preview"].decided == 3


def test_a_reporter_downloads_nothing(client):
    assert get(client, "csv", make_user()).status_code == 403
    assert not AuditEvent.objects.filter(kind="incidents.exported").exists()


def test_there_is_no_other_form(client):
    client.force_login(make_user(role="analyst"))
    assert client.get("/queue/export.xlsx").status_code == 404
