"""The dashboard's pages: who sees them, which days, and the numbers as CSV."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.roles import ANALYST, LEAD, REPORTER
from incidents.services.dashboard import PICTURES
from tests.builders import make_incident, make_label, make_user
from workers import context

pytestmark = pytest.mark.django_db
NAMES = list(PICTURES)
FEWEST = 10  # queries, the session's and the permissions' included


@pytest.fixture
def analyst_client(client: Client) -> Client:
    client.force_login(make_user(role=ANALYST))
    return client


def numbers(client: Client, address: str) -> list[list[str]]:
    response = client.get(address)
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(response.content.decode())))


def test_reporters_are_refused_and_strangers_sign_in_first(client: Client) -> None:
    addresses = ["/dashboard/", "/dashboard/people/", "/dashboard/people.csv"]
    assert all(client.get(address).url.startswith("/accounts/login/") for address in addresses)
    client.force_login(make_user(role=REPORTER))
    assert [client.get(address).status_code for address in addresses] == [403, 403, 403]


def test_the_page_shows_what_flows_and_leads_to_every_other_picture(analyst_client: Client) -> None:
    make_incident()
    page = analyst_client.get("/dashboard/?days=7").content.decode()
    assert all(f'href="/dashboard/{name}/?days=7"' in page for name in NAMES if name != "flow")
    assert 'href="/dashboard/flow.csv?days=7"' in page


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_a_part_for_the_script_and_a_page_without(analyst_client: Client, name: str) -> None:
    part = analyst_client.get(f"/dashboard/{name}/", headers={"HX-Request": "true"}).content.decode()
    page = analyst_client.get(f"/dashboard/{name}/").content.decode()
    assert "<html" not in part
    assert "<html" in page
    assert part.count("<h2") == page.count(f'id="{name}-title"') == 1


def test_there_is_no_picture_of_another_name(analyst_client: Client) -> None:
    assert analyst_client.get("/dashboard/passwords/").status_code == 404
    assert analyst_client.get("/dashboard/passwords.csv").status_code == 404


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-02-02&to=2026-02-01", "The last day lies before the first."),
        ("from=2026-02-02", "Give both days, the first and the last."),
        ("from=yesterday&to=2026-02-01", "Enter a valid date."),
        ("from=1066-10-14&to=2026-02-01", "Choose a first day from 1990 on."),
        ("from=1999-01-01&to=2026-02-01", "At most 1830 days are shown at once."),
        ("from=2026-01-01&to=9999-12-31", "Choose a last day that is not in the future."),
        ("from=0001-01-01&to=0001-01-01", "Choose a first day from 1990 on."),
        ("days=12", "Select a valid choice."),
        ("days=NaN%00", "Select a valid choice."),
    ],
)
def test_days_that_cannot_be_shown_are_named_and_the_last_thirty_shown(
    analyst_client: Client, query: str, sentence: str
) -> None:
    response = analyst_client.get(f"/dashboard/?{query}")
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert response.context["span"].days == 30
    assert analyst_client.get(f"/dashboard/flow.csv?{query}").url.startswith("/dashboard/?")


def test_the_numbers_are_those_of_the_days_asked_for(analyst_client: Client) -> None:
    make_incident(created_at=dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC))
    rows = numbers(analyst_client, "/dashboard/flow.csv?from=2026-01-01&to=2026-01-03")
    assert rows[0] == ["From", "Filed", "Decided", "Waiting at the end"]
    assert [row[:2] for row in rows[1:]] == [["2026-01-01", "0"], ["2026-01-02", "1"], ["2026-01-03", "0"]]


def test_no_cell_of_the_numbers_is_taken_for_a_formula(client: Client) -> None:
    make_label(make_incident(), make_user("@SUM(1)", role=ANALYST), created_at=timezone.now())
    make_incident(standing_category='=HYPERLINK("http://x")')
    client.force_login(make_user(role=LEAD))
    cells = [cell for name in NAMES for row in numbers(client, f"/dashboard/{name}.csv") for cell in row]
    assert "'@SUM(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


def test_what_people_wrote_is_text_on_the_page(client: Client) -> None:
    make_incident(standing_category="<script>alert(1)</script>")
    client.force_login(make_user(role=ANALYST))
    assert "<script>alert" not in client.get("/dashboard/labels/").content.decode()


@pytest.mark.parametrize("name", ["", *(f"{name}/" for name in NAMES)])
def test_the_number_of_queries_does_not_grow(client: Client, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_kept", (float("inf"), 0.0))
    client.force_login(make_user(role=LEAD))
    address = f"/dashboard/{name}"
    client.get(address)
    asked = []
    for more in (1, 8):
        for n in range(more):
            incident = make_incident(standing_category=f"Category {more} {n}", blind=True, current_anomaly=99.5)
            make_label(
                incident, make_user(role=ANALYST), blind=True, suggested=[], suggested_confidence=0.7, verdict="correct"
            )
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= FEWEST + 4 * (name == "model/")
