"""The reports that share an observable."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import Observable
from tests.builders import make_incident, make_user
from tests.incidents.desk import work_off

pytestmark = pytest.mark.django_db

PAGE = "/observables/?kind=domain&value=evil.com"


def test_analysts_see_the_reports_that_have_it(client: Client) -> None:
    client.force_login(make_user(role="analyst"))
    for title in ("First of them", "Second of them"):
        Observable.objects.create(incident=make_incident(title=title), kind="domain", value="evil.com")
    page = client.get(PAGE).content.decode()
    assert "First of them" in page and "Second of them" in page and "evil.com" in page


def test_reporters_and_strangers_do_not(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(make_user())
    assert client.get(PAGE).status_code == 403


@pytest.mark.parametrize("query", ["", "?kind=domain", "?kind=nonsense&value=x", "?value=%00", "?kind=ip&value=x"])
def test_an_empty_answer_says_what_to_do(client: Client, query: str) -> None:
    client.force_login(make_user(role="analyst"))
    answer = client.get(f"/observables/{query}")
    assert answer.status_code == 200 and "No report has it" in answer.content.decode()


def test_the_number_of_queries_does_not_grow(client: Client) -> None:
    client.force_login(make_user(role="analyst"))
    counts = []
    for _ in range(3):
        Observable.objects.create(incident=make_incident(), kind="domain", value="evil.com")
        client.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))
    assert counts[1:] == [counts[1]] * 2


def test_a_text_can_be_looked_through_anew(client: Client) -> None:
    client.force_login(make_user(role="analyst"))
    incident, none = make_incident(text="nothing of the kind"), "No addresses, domains, hashes or wallets"
    page, act = reverse("incident", args=[incident.pk]), reverse("incident-look-through", args=[incident.pk])
    body = client.get(page).content.decode()
    assert none not in body and f'action="{act}"' in body
    assert "is being looked through" in client.post(act, follow=True).content.decode()
    work_off()
    assert none in client.get(page).content.decode()
