"""Files of a report: who may have them, and how they are sent."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from incidents.models import Attachment, Incident, User
from incidents.services.attachments import attach
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita() -> User:
    return make_user("rita")


def kept(incident: Incident, by: User | None, from_reporter: bool) -> Attachment:
    file = SimpleUploadedFile('evil"; x=.txt', b"<script>words</script>")
    return attach(incident, [file], by=by, from_reporter=from_reporter)[0]


def address(attachment: Attachment) -> str:
    return reverse("incident-attachment", args=[attachment.incident_id, attachment.pk])


def receipt_address(attachment: Attachment) -> str:
    return reverse("receipt-attachment", args=[attachment.incident.receipt_token, attachment.pk])


def test_a_file_is_a_download_that_no_browser_runs(client: Client) -> None:
    client.force_login(make_user(role="analyst"))
    answer = client.get(address(kept(make_incident(), None, True)))
    assert b"".join(answer.streaming_content) == b"<script>words</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Type"] == "text/plain"
    assert "no-store" in answer.headers["Cache-Control"]


def test_reporters_have_what_they_sent_and_no_more(client: Client, rita: User) -> None:
    incident = make_incident(reporter=rita)
    own, internal = kept(incident, rita, True), kept(incident, make_user(role="analyst"), False)
    assert client.get(receipt_address(own)).status_code == 200
    assert client.get(receipt_address(internal)).status_code == 404
    assert client.get(address(own)).status_code == 302
    client.force_login(rita)
    assert client.get(address(own)).status_code == 200
    assert client.get(address(internal)).status_code == 404


def test_others_files_do_not_exist(client: Client, rita: User) -> None:
    theirs, mine = kept(make_incident(), None, True), make_incident(reporter=rita)
    client.force_login(rita)
    assert client.get(address(theirs)).status_code == 404
    assert client.get(reverse("incident-attachment", args=[mine.pk, theirs.pk])).status_code == 404
    assert client.get(reverse("receipt-attachment", args=[mine.receipt_token, theirs.pk])).status_code == 404


def test_a_file_that_is_gone_is_said_to_be(client: Client) -> None:
    attachment = kept(make_incident(), None, True)
    attachment.file.delete(save=False)
    attachment.refresh_from_db()
    client.force_login(make_user(role="analyst"))
    assert client.get(address(attachment)).status_code == 404


def test_analysts_attach_files_and_reporters_do_not_do_so_here(client: Client, rita: User) -> None:
    incident = make_incident(reporter=rita)
    target = reverse("incident-attach", args=[incident.pk])
    client.force_login(rita)
    assert client.post(target, {"attachments": SimpleUploadedFile("a.txt", b"words")}).status_code == 403
    client.force_login(make_user(role="analyst"))
    answer = client.post(target, {"attachments": SimpleUploadedFile("a.txt", b"words")}, follow=True)
    assert "1 file is attached" in answer.content.decode() and not Attachment.objects.get().from_reporter
    assert "Choose at least one file" in client.post(target).content.decode()


def test_files_come_with_a_report_and_a_bad_one_loses_nothing_that_was_typed(client: Client) -> None:
    fields = {"title": "A call", "text": "typed by hand", "currency": "INR"}
    fields["key"] = "6f1f4f0e-33f5-4f2b-9d0e-5a5f3c0a7c11"
    bad = client.post("/file/", fields | {"attachments": SimpleUploadedFile("a.exe", b"MZ")}).content.decode()
    assert "typed by hand" in bad and "a.exe" in bad and not Incident.objects.exists()
    many = [SimpleUploadedFile(f"{n}.txt", b"words") for n in range(3)]
    for _ in range(2):  # a double click
        files = [SimpleUploadedFile(file.name, b"words") for file in many]
        assert client.post("/file/", fields | {"attachments": files}).status_code == 302
    assert Attachment.objects.filter(incident=Incident.objects.get(), from_reporter=True).count() == 3


@pytest.mark.parametrize("name", ["file", "receipt-attach"])
def test_more_than_a_report_takes_is_refused_before_it_is_read(client: Client, name: str) -> None:
    token = make_incident().receipt_token
    address = reverse(name, args=[token] if name == "receipt-attach" else [])
    body = BytesIO(b"--x")
    sent = {"wsgi.input": body, "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    refused = Client(enforce_csrf_checks=True).post(address, **sent, CONTENT_LENGTH=str(300 * 1024 * 1024))
    assert refused.status_code == 413 and "10 files of 10 MB each" in refused.content.decode()
    assert body.tell() == 0
    largest = SimpleUploadedFile("a.txt", b"w" * 5_000_000)
    assert client.post(address, {"attachments": [largest, largest]}).status_code in {200, 302}
