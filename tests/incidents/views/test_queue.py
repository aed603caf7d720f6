"""The list of reports."""

import html
import math
from datetime import timedelta
from itertools import count
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incidents.forms.queue import IncidentFilter
from incidents.models import Category, Incident, User
from incidents.services import kept_counts
from incidents.services.search import index_reports
from incidents.services.snoozing import snooze
from tests.builders import (
    make_decided,
    make_incident,
    make_label,
    make_path,
    make_prediction,
    make_user,
    make_version,
)
from workers import context
from workers.models import Job

pytestmark = pytest.mark.django_db
_numbers = count()


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user(role="analyst")
    client.force_login(user)
    return user


def listed(client: Client, query: str = "") -> list[int]:
    response = client.get(reverse("queue") + query)
    assert response.status_code == 200
    return [row.incident.pk for row in response.context["page"].rows]


def make_classified(priority: float = 0.5, **overrides: object) -> Incident:
    worded = {"twins": f"one:{next(_numbers)}"}  # unlike any other
    return make_incident(status=Incident.Status.CLASSIFIED, review_priority=priority, **worded | overrides)


def test_reporters_are_refused_and_strangers_sign_in(client: Client) -> None:
    assert client.get(reverse("queue")).status_code == 302
    client.force_login(make_user())
    assert client.get(reverse("queue")).status_code == 403
    assert not Incident.objects.visible_to(AnonymousUser()).exists()


def test_what_waits_comes_in_the_order_of_review(client: Client, analyst: User) -> None:
    low, high = make_classified(0.1), make_classified(0.9)
    make_incident(status=Incident.Status.DECIDED, review_priority=1.0)
    assert listed(client) == [high.pk, low.pk]


def test_a_tab_shows_its_state_and_counts_the_others(client: Client, analyst: User) -> None:
    make_classified()
    decided = make_incident(status=Incident.Status.DECIDED)
    assert listed(client, "?status=decided") == [decided.pk]
    tabs = {name: count for name, _, count in client.get(reverse("queue")).context["tabs"]}
    assert (tabs["waiting"], tabs["decided"], tabs["all"]) == (1, 1, 2)


def test_an_unknown_tab_shows_what_waits(client: Client, analyst: User) -> None:
    waiting = make_classified()
    assert listed(client, "?status=nonsense&page=99") == [waiting.pk]


def test_words_of_the_text_and_a_number_find_a_report(client: Client, analyst: User) -> None:
    found, other = make_classified(text="They sold my Kettle"), make_classified()
    index_reports([found.pk, other.pk])
    assert listed(client, "?q=kettle") == [found.pk]
    assert listed(client, f"?q=%23{other.pk}") == [other.pk]


@pytest.mark.parametrize("query", ["99999999999999999999999", "²", "'; --", "%00x"])
def test_no_search_breaks_the_page(client: Client, analyst: User, query: str) -> None:
    make_classified()
    assert listed(client, f"?q={query}") in ([], [Incident.objects.get().pk])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=nonsense", "There is no such list"),
        ("category=nonsense", "There is no category of that name"),
        ("confidence=9", "There is no such band of confidence"),
        ("anomaly=x", "There is no such band"),
        ("model=nonsense", "There is no model of that name"),
        ("source=nonsense", "There is no such source"),
        ("age=nonsense", "There is no such age"),
        ("assignee=nonsense", "There is nobody of that name"),
        ("order=nonsense", "There is no such order"),
        ("after=nonsense", "It begins anew"),
        ("after=nan~1", "It begins anew"),
        ("order=severity&after=99999999999999999999~1", "It begins anew"),
        ("order=newest&after=2026-01-01~1", "It begins anew"),
        ("before=1~99999999999999999999999", "It begins anew"),
        ("q=%00", "Null characters are not allowed"),
        ("twins=%00", "Null characters are not allowed"),
        ("q=" + "x" * 300, "at most 200 characters"),
    ],
)
def test_nonsense_in_the_address_is_told_and_left_out(client: Client, analyst: User, query: str, said: str) -> None:
    waiting = make_classified()
    response = client.get(f"{reverse('queue')}?{query}")
    assert said in html.unescape(response.content.decode())
    assert [row.incident for row in response.context["page"].rows] == [waiting]


def test_filters_of_source_category_and_certainty_combine(client: Client, analyst: User) -> None:
    make_path("Hacking")
    wanted = make_classified(source="api", current_category="Hacking", current_unsure=True)
    make_classified(source="api", current_category="Hacking")
    make_classified(source="web", current_category="Hacking", current_unsure=True)
    assert listed(client, "?source=api&category=Hacking&unsure=on") == [wanted.pk]


def test_a_row_says_what_stands_about_its_prediction(client: Client, analyst: User) -> None:
    make_path("Hacking")
    make_prediction(make_incident(), make_version(stage="champion"))
    make_prediction(make_incident(), make_version())
    for status in (Job.Status.QUEUED, Job.Status.FAILED):
        Job.objects.create(
            kind="classify", object_id=make_incident().pk, queue="inference", status=status, priority=0, max_attempts=3
        )
    make_incident()
    rows = client.get(reverse("queue") + "?status=all").context["page"].rows
    assert [row.prediction_state for row in rows] == ["none", "failed", "queued", "older_model", "ready"]


def test_a_row_names_who_holds_the_report(client: Client, analyst: User) -> None:
    make_incident(status=Incident.Status.IN_REVIEW, claimed_by=make_user("bela", "analyst"))
    assert "bela" in client.get(reverse("queue") + "?status=in_review").content.decode()


def test_synthetic_reports_are_marked(client: Client, analyst: User) -> None:
    make_classified(source=Incident.Source.DEMO)
    assert "Synthetic sample" in client.get(reverse("queue")).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "_kept", (math.inf, 0.0))  # what every page asks of the workers now and then
    counts = []
    for _ in range(3):
        make_decided(make_path("Hacking", "Phishing"))
        make_prediction(make_incident(reporter=make_user()), make_version())
        make_incident(status=Incident.Status.IN_REVIEW, claimed_by=make_user(role="analyst"))
        client.get(reverse("queue") + "?status=all")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("queue") + "?status=all")
        counts.append(len(queries))
    assert counts == [counts[0]] * 3


def test_a_category_is_matched_whole_and_the_decided_one_counts(client: Client, analyst: User) -> None:
    hacking, fraud = make_path("Hacking"), make_path("Fraud")
    make_path("Hack")
    both = make_classified(current_category="Fraud or Hacking")
    corrected = make_decided(fraud, make_path("Fraud", "Phishing"), current_category="Hacking")
    confirmed = make_decided(hacking, current_category="Hacking")
    unsure = make_incident(status=Incident.Status.SECOND_LOOK, current_category="Hacking")
    unsure.current_label = make_label(unsure, verdict="unsure")
    unsure.save()
    assert listed(client, "?status=all&category=Hacking") == [unsure.pk, confirmed.pk, both.pk]
    assert listed(client, "?status=all&category=Fraud") == [corrected.pk, both.pk]
    assert listed(client, "?status=all&category=Hack") == []


def facet(client: Client, query: str, name: str) -> dict[str, int]:
    """The values that a filter offers, with their counts."""
    each = client.get(reverse("queue") + query).context["facets"].each
    return {str(one.label): one.number for found in each if found.name == name for one in (*found.values, *found.rest)}


def test_each_filter_counts_its_values_given_all_others(client: Client, analyst: User) -> None:
    make_path("Fraud"), make_path("Hacking")
    make_classified(current_category="Fraud", source="api", current_confidence=0.4, assignee=analyst)
    make_classified(current_category="Fraud or Hacking", source="web", current_confidence=0.95)
    make_classified(current_category="Hacking", source="web", current_anomaly=99.5, current_unsure=True)
    make_incident(status=Incident.Status.DECIDED, current_category="Fraud")
    assert facet(client, "", "category") == {"Fraud": 2, "Hacking": 2}
    assert facet(client, "", "confidence") == {"Below 50 %": 1, "90 % and more": 1, "Not classified": 1}
    assert facet(client, "", "anomaly") == {"Rarer than 99 of 100": 1, "Not measured": 2}
    assert facet(client, "", "assignee") == {"Me": 1, "Nobody": 2}
    assert facet(client, "", "unsure") == {"Unsure only": 1}
    assert facet(client, "?source=web", "category") == {"Hacking": 2, "Fraud": 1}
    assert facet(client, "?source=web", "source") == {"Web form": 2, "API": 1}
    assert facet(client, "?source=web&category=Fraud", "source") == {"API": 1, "Web form": 1}
    assert facet(client, "?status=decided", "category") == {"Fraud": 1}


def test_a_count_is_what_choosing_the_value_lists(client: Client, analyst: User) -> None:
    make_path("Fraud"), make_path("Hacking")
    version = make_version()
    for number in range(24):
        make_classified(
            current_category=("Fraud", "Hacking", "Fraud or Hacking")[number % 3],
            source=("api", "web")[number % 2],
            current_confidence=(0.2, 0.6, 0.8, 0.95, None)[number % 5],
            current_anomaly=(20.0, 60.0, 95.0, 99.9, None)[number % 5],
            current_model=version.name if number % 4 else "",
            current_unsure=number % 7 == 0,
            assignee=(None, analyst)[number % 2],
            created_at=timezone.now() - timedelta(days=(0, 3, 20, 100)[number % 4]),
            twins=f"one:{number}",
        )
    for base in ("", "?category=Fraud", "?source=web&age=month"):
        for one in client.get(reverse("queue") + base).context["facets"].each:
            for value in one.values:
                page = client.get(f"{reverse('queue')}?{value.query}").context
                assert value.chosen or page["facets"].total == len(page["page"].rows) == value.number, (base, value)


def test_ages_are_counted_by_days_of_the_calendar(client: Client, analyst: User) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for age in (timedelta(0), timedelta(seconds=1), timedelta(days=6, seconds=1), timedelta(days=40)):
        make_classified(created_at=midnight - age)
    assert facet(client, "", "age") == {"Today": 1, "Last 7 days": 2, "Last 30 days": 3, "Older": 1}
    assert len(listed(client, "?age=month")) == 3
    assert len(listed(client, "?age=older")) == 1


def test_reports_are_listed_by_who_is_to_do_them(client: Client, analyst: User) -> None:
    mine, hers, free = (make_classified(assignee=who) for who in (analyst, make_user("bela", "analyst"), None))
    assert listed(client, "?assignee=me") == [mine.pk]
    assert listed(client, "?assignee=nobody") == [free.pk]
    assert listed(client, "?assignee=bela") == [hers.pk]


@pytest.mark.parametrize(
    ("order", "column", "values"),
    [
        ("priority", "review_priority", [0.9, 0.5, 0.1]),
        ("confidence", "current_confidence", [0.1, 0.5, None]),
        ("margin", "current_margin", [0.1, 0.5, None]),
        ("entropy", "current_entropy", [2.0, 1.0, None]),
        ("anomaly", "current_anomaly", [99.0, 1.0, None]),
        ("severity", "severity", [4, 2, 0]),
        ("random", "shuffle", [0.1, 0.2, 0.3]),
    ],
)
def test_the_list_has_the_order_that_is_asked_for(
    client: Client, analyst: User, order: str, column: str, values: list[float]
) -> None:
    reports = [
        make_incident(status="classified", twins=f"one:{n}", **{column: value}) for n, value in enumerate(values)
    ]
    assert listed(client, f"?order={order}") == [one.pk for one in reports]
    assert list(IncidentFilter({"order": order}, Incident.objects.all()).in_tab) == reports


def test_the_newest_and_the_oldest_come_first_when_asked_for(client: Client, analyst: User) -> None:
    old, new = (make_classified(created_at=timezone.now() - timedelta(days=days)) for days in (9, 1))
    assert listed(client, "?order=oldest&unfold=on") == [old.pk, new.pk]
    assert listed(client, "?order=newest&unfold=on") == [new.pk, old.pk]


@pytest.mark.parametrize("order", ["priority", "confidence", "anomaly", "newest", "oldest", "severity", "random"])
def test_no_page_loses_or_repeats_a_report_in_either_direction(client: Client, analyst: User, order: str) -> None:
    for number in range(75):
        some = None if number % 3 == 0 else float(number % 5)
        make_classified(number % 4, twins=f"one:{number // 2}", current_confidence=some, current_anomaly=some)
    forward, backward, query = [], [], f"?order={order}"
    while query:
        page = client.get(reverse("queue") + query).context["page"]
        forward.append([row.incident.pk for row in page.rows])
        before, query = page.before, f"?order={order}&after={page.after}" if page.after else ""
        query = query.replace("+", "%2B")
    while before:
        page = client.get(reverse("queue"), {"order": order, "before": str(before)}).context["page"]
        backward.insert(0, [row.incident.pk for row in page.rows])
        before = page.before
    assert [len(page) for page in forward] == [30, 8]
    assert backward == forward[:-1]
    assert len({pk for page in forward for pk in page}) == 38


def test_reports_worded_alike_share_a_row_until_one_looks_closer(client: Client, analyst: User) -> None:
    alike = [make_classified(priority, twins="text:a") for priority in (0.5, 0.9, 0.7)]
    other = make_classified(0.6, twins="text:b")
    make_incident(status=Incident.Status.DECIDED, twins="text:a")
    page = client.get(reverse("queue")).context["page"]
    assert [(row.incident, row.alike) for row in page.rows] == [(other, 0), (alike[0], 2)]
    assert listed(client, "?unfold=on") == [alike[1].pk, alike[2].pk, other.pk, alike[0].pk]
    assert listed(client, "?twins=text:a") == [alike[1].pk, alike[2].pk, alike[0].pk]


def test_a_filter_that_leaves_out_the_row_of_many_shows_another_of_them(client: Client, analyst: User) -> None:
    make_classified(twins="text:a", source="api")
    web = make_classified(twins="text:a", source="web")
    assert listed(client, "?source=web") == [web.pk]


def test_a_snoozed_report_waits_in_a_list_of_its_own(client: Client, analyst: User) -> None:
    report = make_classified()
    snooze(report, by=analyst, until=None, for_answer=True)
    assert listed(client) == []
    assert listed(client, "?status=snoozed") == [report.pk]
    assert "until the reporter answers" in client.get(reverse("queue") + "?status=snoozed").content.decode()


def test_the_review_follows_the_list_and_its_filters(client: Client, analyst: User) -> None:
    make_path("Fraud")
    content = client.get(reverse("queue") + "?assignee=me&category=Fraud&order=oldest&after=x").content.decode()
    links = [html.unescape(part.split('"')[0]) for part in content.split('href="')[1:]]
    asked = next(parse_qs(urlsplit(link).query) for link in links if link.startswith(reverse("review") + "?"))
    assert asked == {
        "category": ["Fraud"],
        "assignee": [analyst.username],
        "status": ["waiting"],
        "order": ["oldest"],
    }


def test_the_prediction_of_a_blind_report_is_not_told(client: Client, analyst: User) -> None:
    Category.objects.create(name="Romance scam")
    make_classified(current_category="Romance scam", standing_category="", current_model="m", blind=True)
    content = client.get(reverse("queue")).content.decode()
    assert "Romance scam" not in content
    assert "Prediction hidden" in content


def test_an_empty_list_says_what_to_do(client: Client, analyst: User) -> None:
    assert "Nothing waits for review" in client.get(reverse("queue")).content.decode()
    assert "No report matches" in client.get(reverse("queue") + "?source=api").content.decode()


def test_counts_may_be_kept_but_never_the_list(client: Client, analyst: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_counts, "LARGE", 1)
    kept_counts.forget()
    first = make_classified()
    assert client.get(reverse("queue")).context["facets"].total == 1
    second = make_classified(twins="another")
    assert client.get(reverse("queue")).context["facets"].total == 1
    assert sorted(listed(client)) == [first.pk, second.pk]
    kept_counts.forget()
    assert client.get(reverse("queue")).context["facets"].total == 2
    kept_counts.forget()


def test_the_links_of_a_row_lead_to_its_report(client: Client, analyst: User) -> None:
    report = make_classified()
    content = client.get(reverse("queue")).content.decode()
    for name in ("incident", "review-report", "incident-snooze"):
        assert f'href="{reverse(name, args=[report.pk])}' in content


def test_words_of_a_report_are_never_markup(client: Client, analyst: User) -> None:
    make_classified(title="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(reverse("queue")).content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a plan of SQLite")
def test_what_few_reports_fit_is_found_in_an_index(client: Client, analyst: User) -> None:
    make_incident(status="classified", assignee=analyst, current_unsure=True)
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get(reverse("queue"), {"unsure": "on", "assignee": "me"}).context["page"].rows) == 1
    asked = [
        one["sql"] for one in queries if "told_unsure" in one["sql"].partition("WHERE")[2] and "IN (1)" in one["sql"]
    ]
    with connection.cursor() as cursor:
        plans = [cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in asked if "JOIN" not in sql]
    assert len(plans) == 3
    few, _alike, by_status = map(str, plans)
    assert "INDEX incident_facets" in few and "INDEX incident_facets" in by_status
