"""The page of look-up tables."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from events.models import LookupTable
from events.services.lookups import file_of
from incidents.models import User
from tests.builders import make_user

pytestmark = pytest.mark.django_db
CSV = b"address,list\n198.51.100.0/24,botnet\n"


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.CASELOOP_HOME = tmp_path


def send(client: Client, content: bytes = CSV, **overrides: str) -> str:
    values = {"name": "Feodo", "kind": "threat_intel", "field": "source.ip", **overrides}
    file = SimpleUploadedFile("list.csv", content)
    response = client.post(reverse("lookups"), values | {"file": file}, follow=True)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_without_tables_the_page_says_so(client: Client, admin: User) -> None:
    assert "No tables yet" in client.get(reverse("lookups")).content.decode()


def test_a_table_is_added_listed_switched_and_removed(client: Client, admin: User) -> None:
    page = send(client)
    assert all(words in page for words in ("Feodo is in use with 1 row.", "Threat intelligence", "In use", "CSV"))
    row = LookupTable.objects.get()
    client.post(reverse("lookup-toggle", args=[row.pk]))
    row.refresh_from_db()
    assert not row.enabled
    assert "Switch on" in client.get(reverse("lookups")).content.decode()
    client.post(reverse("lookup-toggle", args=[row.pk]), {"enabled": "on"})
    row.refresh_from_db()
    assert row.enabled
    page = client.post(reverse("lookup-remove", args=[row.pk]), follow=True).content.decode()
    assert "Feodo is removed" in page
    assert not LookupTable.objects.exists()


def test_why_a_table_cannot_answer_is_shown(client: Client, admin: User) -> None:
    send(client)
    LookupTable.objects.update(error="It gave no <answer> in time.")
    page = client.get(reverse("lookups")).content.decode()
    assert "It gave no &lt;answer&gt; in time." in page
    assert "In use, fails" in page


def test_the_size_is_shown_or_that_the_file_is_not_here(client: Client, admin: User) -> None:
    assert "36 bytes" in send(client)
    file_of(LookupTable.objects.get()).unlink()
    assert "not on this machine" in client.get(reverse("lookups")).content.decode()


@pytest.mark.parametrize(
    ("overrides", "content", "words"),
    [
        ({}, b"\xff\xfe", "no UTF-8 text"),
        ({}, b"192.0.2.1,x\n", "holds data already"),
        ({"field": "source ip"}, CSV, "Write the field as events have it"),
        ({"name": "failed"}, CSV, "Choose another one"),
        ({"name": ""}, CSV, "This field is required"),
        ({"kind": "weather"}, CSV, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_kept(
    client: Client, admin: User, overrides: dict[str, str], content: bytes, words: str
) -> None:
    assert words in send(client, content, **overrides)
    assert not LookupTable.objects.exists()


def test_a_name_serves_one_table(client: Client, admin: User) -> None:
    send(client)
    assert "There is a table of this name" in send(client)
    assert LookupTable.objects.count() == 1


@pytest.mark.parametrize(("role", "allowed"), [("analyst", False), ("lead", False), ("admin", True)])
def test_only_admins_keep_tables(client: Client, admin: User, role: str, allowed: bool) -> None:
    send(client)
    row = LookupTable.objects.get()
    client.force_login(make_user(role=role))
    assert (client.get(reverse("lookups")).status_code == 200) is allowed
    for name in ("lookup-toggle", "lookup-remove"):
        assert (client.post(reverse(name, args=[row.pk])).status_code == 302) is allowed
    assert LookupTable.objects.exists() is not allowed


@pytest.mark.parametrize("name", ["lookup-toggle", "lookup-remove"])
def test_what_changes_something_takes_post_alone(client: Client, admin: User, name: str) -> None:
    assert client.get(reverse(name, args=[1])).status_code == 405
    assert client.post(reverse(name, args=[1])).status_code == 404


def test_the_file_s_own_name_leads_nowhere(client: Client, admin: User, tmp_path: Path) -> None:
    values = {"name": "x", "kind": "geo", "field": "source.ip"}
    client.post(reverse("lookups"), values | {"file": SimpleUploadedFile("../../../etc/cron.d/x", CSV)})
    path = file_of(LookupTable.objects.get())
    assert path.parent == tmp_path / "lookups"
