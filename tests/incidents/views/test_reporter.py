"""What reporters do on the page of their report: by the link alone, and signed in."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from incidents.models import Attachment, Incident, ReporterMessage
from incidents.services.attachments import attach
from incidents.services.comments import add_comment
from tests.builders import make_decided, make_incident, make_path, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def address(incident: Incident, part: str = "") -> str:
    return f"/r/{incident.receipt_token}/{part}"


def text_file(name: str = "a.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"words")


def test_the_link_alone_is_enough_to_dispute_add_and_attach(client: Client) -> None:
    incident = make_decided(make_path("Hacking"))
    client.post(address(incident, "wrong/"), {"reason": "It was no hacking"})
    client.post(address(incident, "facts/"), {"facts": "He phoned again"})
    answer = client.post(address(incident, "attach/"), {"attachments": [text_file(), text_file("b.txt")]}, follow=True)
    page = answer.content.decode()
    assert "It was no hacking" in page and "Added later: He phoned again" in page
    assert "2 files are attached" in page and "b.txt" in page
    assert Incident.objects.get().status == Incident.Status.SECOND_LOOK


@pytest.mark.parametrize("part", ["wrong/", "facts/", "attach/", "files/1/"])
def test_a_wrong_token_opens_nothing(client: Client, part: str) -> None:
    make_incident()
    answer = client.get(f"/r/{'a' * 32}/{part}") if "files" in part else client.post(f"/r/{'a' * 32}/{part}")
    assert answer.status_code == 404


@pytest.mark.parametrize("part", ["wrong/", "facts/", "attach/"])
def test_they_are_forms_and_no_links(client: Client, part: str) -> None:
    assert client.get(address(make_incident(), part)).status_code == 405


def test_what_was_typed_stays_where_it_is_not_taken(client: Client) -> None:
    incident = make_incident(text="x" * 19_990)
    page = client.post(address(incident, "facts/"), {"facts": "typed by hand"}).content.decode()
    assert "typed by hand" in page and "has room for" in page
    assert not ReporterMessage.objects.exists()


def test_a_reporter_reads_replies_without_names_and_nothing_else(client: Client) -> None:
    rita, asha = make_user("rita"), make_user("asha-the-analyst", role="analyst")
    incident = make_incident(reporter=rita)
    add_comment(incident, author=asha, text="between us")
    add_comment(incident, author=asha, text="Thank **you**", to_reporter=True)
    attach(incident, [text_file("of-the-analyst.txt")], by=asha, from_reporter=False)
    receipt = client.get(address(incident)).content.decode()
    client.force_login(rita)
    own = client.get(reverse("incident", args=[incident.pk])).content.decode()
    for page in (receipt, own):
        assert "Thank <strong>you</strong>" in page and "An analyst" in page
        assert "between us" not in page and "asha" not in page and "of-the-analyst" not in page


def test_forms_work_where_a_browser_checks_where_they_come_from(client: Client) -> None:
    """A page that names no origin would have its forms refused as forged."""
    strict, incident = Client(enforce_csrf_checks=True), make_incident()
    page = strict.get(address(incident))
    assert page.headers["Referrer-Policy"] == "same-origin"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token
    sent = {"reason": "No", "csrfmiddlewaretoken": token[1]}
    assert strict.post(address(incident, "wrong/"), sent, HTTP_ORIGIN="http://testserver").status_code == 302
    assert strict.post(address(incident, "wrong/"), sent, HTTP_ORIGIN="http://evil.example").status_code == 403


def test_markup_in_what_a_reporter_says_stays_text(client: Client) -> None:
    incident = make_incident()
    client.post(address(incident, "wrong/"), {"reason": "<b>bold</b>"})
    assert "&lt;b&gt;bold&lt;/b&gt;" in client.get(address(incident)).content.decode()
    client.force_login(make_user(role="analyst"))
    page = client.get(reverse("incident", args=[incident.pk])).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page and "The reporter says that this is wrong" in page


@pytest.mark.parametrize("name", ["a.exe", "empty.txt"])
def test_a_file_that_is_not_taken_is_named_and_nothing_is_kept(client: Client, name: str) -> None:
    file = SimpleUploadedFile(name, b"" if name == "empty.txt" else b"MZ")
    page = client.post(address(make_incident(), "attach/"), {"attachments": [file]}).content.decode()
    assert name in page and not Attachment.objects.exists()


def test_the_person_who_reviews_it_reads_what_the_reporter_says(client: Client) -> None:
    incident = make_decided(make_path("Hacking"))
    client.post(address(incident, "wrong/"), {"reason": "It was no hacking"})
    client.force_login(make_user(role="analyst"))
    page = client.get(reverse("review-report", args=[incident.pk])).content.decode()
    assert "The reporter says that this is wrong" in page and "It was no hacking" in page
