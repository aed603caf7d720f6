"""What lists tell of a report to somebody who reviews it as a second opinion: no more than of any that they hold."""

import json

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classifier.models import Doubt, DoubtRun
from incidents.models import Incident, Observable, Setting, Theme, ThemeRun, User
from incidents.services import reviewing, second_opinions
from tests.builders import make_api_client, make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
SAID = ("Wallet", "Hacking", "Decided", "decided")


@pytest.fixture
def first() -> User:
    return make_user("first-person", role="analyst")


@pytest.fixture
def second(client: Client) -> User:
    user = make_user("second-person", role="lead")
    client.force_login(user)
    return user


@pytest.fixture
def held(first: User, second: User) -> Incident:
    """Predicted as fraud, decided as hacking, and held by the second person."""
    report = make_incident(title="A call")
    paths = [make_path("Fraud", "Card"), make_path("Hacking", "Wallet")]
    make_prediction(report, make_version(stage="champion"), [0.9, 0.1])
    Setting.objects.create(key="second_opinion_share", value=1.0)
    reviewing.claim(report, first)
    reviewing.decide(report, reviewer=first, verdict="correct", paths=paths[1:])
    assert reviewing.next_report(second) == report
    return report


def listed(client: Client, query: str) -> list[int]:
    return [row.incident.pk for row in client.get(reverse("queue") + query).context["page"].rows]


def counts(client: Client, query: str) -> dict[str, dict[str, int]]:
    found = client.get(reverse("queue") + query).context["facets"]
    return {one.name: {str(v.label): v.number for v in (*one.values, *one.rest)} for one in found.each}


def exported(client: Client, form: str, query: str) -> bytes:
    response = client.get(reverse("export", args=[form]) + query)
    assert isinstance(response, StreamingHttpResponse)
    return b"".join(response)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query",
    [
        "?status=decided", "?status=decided&q=call", "?status=all&category=Hacking", "?status=all&category=Fraud",
        "?status=all&q=Wallet", "?status=all&confidence=4", "?status=all&order=confidence", "?status=waiting",
    ],
)  # fmt: skip
def test_no_list_of_what_is_decided_or_predicted_has_it(client: Client, held: Incident, query: str) -> None:
    assert listed(client, query) == []


@pytest.mark.parametrize("query", ["?status=in_review", "?status=all", "?status=all&q=%23{}", "?status=all&source=web"])
def test_it_stands_among_the_reports_that_one_holds_with_what_the_model_says(
    client: Client, held: Incident, query: str
) -> None:
    query = query.format(held.pk)
    (row,) = client.get(reverse("queue") + query).context["page"].rows
    shown = row.incident
    assert (shown.status, shown.standing_category, shown.decided_at) == ("in_review", "Fraud", None)
    body = client.get(reverse("queue") + query).content.decode().split('id="queue-list"')[-1]
    assert "you hold it" in body and "Hacking" not in body.split("queue-row")[1].split("</li>")[0]
    assert "category" not in counts(client, query)


def test_others_still_see_it_decided(client: Client, first: User, held: Incident) -> None:
    client.force_login(first)
    assert listed(client, "?status=decided") == listed(client, "?status=all&category=Hacking") == [held.pk]
    assert counts(client, "?status=decided")["category"] == {"Hacking": 1}


def test_no_count_tells_of_it(client: Client, held: Incident) -> None:
    page = client.get(reverse("queue") + "?status=in_review").context
    assert {name: number for name, _, number in page["tabs"] if number} == {"in_review": 1, "all": 1}
    assert page["facets"].total == 1
    assert client.get(reverse("queue") + "?status=decided").context["facets"].total == 0
    told = counts(client, f"?status=all&q=%23{held.pk}")
    assert (told["confidence"], told["age"]["Today"]) == ({"Not classified": 1}, 1)


def test_once_the_second_opinion_is_given_the_lists_tell_all(client: Client, second: User, held: Incident) -> None:
    reviewing.decide(held, reviewer=second, verdict="confirm", paths=[make_path("Hacking", "Wallet")])
    assert listed(client, "?status=decided") == listed(client, "?status=all&category=Hacking") == [held.pk]


def test_the_list_asks_once_what_one_holds(client: Client, second: User) -> None:
    for _ in range(3):
        make_incident(status=Incident.Status.DECIDED)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("queue") + "?status=decided")
    assert sum("secondopinion" in query["sql"] for query in asked.captured_queries) == 1


def test_the_api_lists_it_as_it_shows_it(second: User, held: Incident) -> None:
    api = make_api_client(second)

    def results(query: str = "") -> list[dict[str, object]]:
        return api.get("/api/v1/incidents/" + query).json()["results"]

    for query in ("", "?status=in_review", "?status=in_review&status=decided"):
        (row,) = results(query)
        assert (row["status"], row["decision"], row["decided_at"]) == ("in_review", None, None)
    assert results("?status=decided") == results("?category=Hacking") == results("?category=Fraud") == []


def test_an_export_says_of_it_what_the_list_says(client: Client, held: Incident) -> None:
    row = json.loads(exported(client, "jsonl", "?status=all"))
    assert (row["status"], row["decided_at"], row["labels"], row["verdicts"]) == ("in_review", None, [], [])
    assert b"call" not in exported(client, "csv", "?status=decided")


def test_an_export_hides_the_prediction_of_the_audit(client: Client, held: Incident) -> None:
    Incident.objects.update(blind=True)
    assert json.loads(exported(client, "jsonl", "?status=all"))["prediction"] is None


def test_lists_by_what_reports_share_tell_nothing_either(client: Client, held: Incident) -> None:
    theme = Theme.objects.create(run=ThemeRun.objects.create(status="done", finished_at=held.created_at), name="calls")
    theme.incidents.add(held)
    Observable.objects.create(incident=held, kind="domain", value="a.example")
    for address in (
        reverse("theme", args=[theme.pk]),
        reverse("observables") + "?kind=domain&value=a.example",
    ):
        body = client.get(address).content.decode()
        assert "A call" in body and "In review" in body
        assert not any(word in body.split("<main")[1] for word in SAID)


def test_similar_reports_have_no_label_for_who_holds_them(second: User, first: User, held: Incident) -> None:
    rows = Incident.objects.with_decided_paths()
    (shown,) = second_opinions.disguise_all(rows.all(), second)
    assert (shown.current_label, shown.status) == (None, "in_review")
    (shown,) = second_opinions.disguise_all(rows.all(), first)
    assert [str(path) for path in shown.current_label.paths.all()] == ["Hacking / Wallet"]


def test_doubts_and_bulk_runs_leave_it_out(client: Client, first: User, held: Incident) -> None:
    held.refresh_from_db()
    run = DoubtRun.objects.create()
    Doubt.objects.create(
        run=run, incident=held, label=held.current_label, suggested=[], quality=0.1, probability=0.9, agreeing=0,
        neighbours=0,
    )  # fmt: skip
    address = reverse("bulk-new") + f"?scope=selected&incident={held.pk}"
    assert client.get(reverse("doubts")).context["rows"] == []
    assert client.get(address).context["preview"].left_out == []
    client.force_login(first)
    assert len(client.get(reverse("doubts")).context["rows"]) == 1
    assert client.get(address).context["preview"].left_out != []
