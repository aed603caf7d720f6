"""What the filing form and the receipt say of reports that are alike."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Setting
from incidents.services import alike_memory
from tests.builders import TEXT, make_incident, make_user

pytestmark = pytest.mark.django_db
URL = reverse("file-alike")


@pytest.fixture(autouse=True)
def _filled(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(alike_memory, "_fill_beside", lambda: None)
    alike_memory.fill()
    yield
    alike_memory.forget()


def test_a_reporter_never_sees_another_ones_report(client: Client) -> None:
    one = make_incident(title="A secret title", reporter=make_user("ravi"))
    for person in (None, make_user()):
        if person:
            client.force_login(person)
        body = client.post(URL, {"title": "", "text": TEXT.replace("5,000", "9,000")}).content.decode()
        assert "Somebody has reported something like this" in body
        assert not any(secret in body for secret in ("A secret title", "ravi", f"#{one.pk}", f"/{one.pk}/", TEXT[:20]))


def test_an_analyst_who_files_gets_the_link(client: Client) -> None:
    one = make_incident(title="A known call")
    client.force_login(make_user(role="analyst"))
    body = client.post(URL, {"title": "", "text": TEXT}).content.decode()
    assert reverse("incident", args=[one.pk]) in body and "A known call" in body


def test_nothing_alike_is_an_empty_answer(client: Client) -> None:
    assert client.post(URL, {"text": TEXT}).content.decode().strip() == ""
    assert client.post(URL, {"text": "short"}).content.decode().strip() == ""
    assert client.post(URL).content.decode().strip() == ""
    make_incident()
    assert client.post(URL, {"text": TEXT * 1000}).content.decode().strip() == ""  # beyond what can be filed


def test_while_memory_is_filled_the_page_asks_again(client: Client) -> None:
    alike_memory.forget()
    assert "load delay:2s" in client.post(URL, {"text": TEXT}).content.decode()


def test_it_is_for_those_who_may_file(client: Client) -> None:
    Setting.objects.create(key="anonymous_filing", value=False)
    assert client.post(URL, {"text": TEXT}).status_code == 302
    assert client.get(URL).status_code in {302, 405}


def test_the_form_asks_at_most_every_two_seconds_and_sends_the_words_only(client: Client) -> None:
    body = client.get(reverse("file")).content.decode()
    assert f'hx-post="{URL}"' in body and "delay:2s" in body and 'hx-params="title,text"' in body


def test_without_a_script_the_receipt_says_it(client: Client) -> None:
    one = make_incident(title="A secret title")
    twin = make_incident(title="Mine")
    body = client.get(reverse("receipt", args=[twin.receipt_token])).content.decode()
    assert "Somebody has reported something like this" in body
    assert "A secret title" not in body and f"#{one.pk}" not in body


def test_the_receipt_of_the_only_one_says_nothing(client: Client) -> None:
    body = client.get(reverse("receipt", args=[make_incident().receipt_token])).content.decode()
    assert "something like this" not in body
