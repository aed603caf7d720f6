"""The list of reports."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import Incident, User
from tests.builders import (
    make_decided,
    make_incident,
    make_label,
    make_path,
    make_prediction,
    make_user,
    make_version,
)
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user(role="analyst")
    client.force_login(user)
    return user


def listed(client: Client, query: str = "") -> list[int]:
    response = client.get(reverse("queue") + query)
    assert response.status_code == 200
    return [row.incident.pk for row in response.context["rows"]]


def make_classified(priority: float = 0.5, **overrides: object) -> Incident:
    return make_incident(status=Incident.Status.CLASSIFIED, review_priority=priority, **overrides)


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
    assert listed(client, "?q=kettle") == [found.pk]
    assert listed(client, f"?q=%23{other.pk}") == [other.pk]


@pytest.mark.parametrize("query", ["99999999999999999999999", "²", "'; --", "%00x"])
def test_no_search_breaks_the_page(client: Client, analyst: User, query: str) -> None:
    make_classified()
    assert listed(client, f"?q={query}") in ([], [Incident.objects.get().pk])


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
    rows = client.get(reverse("queue") + "?status=all").context["rows"]
    assert [row.prediction_state for row in rows] == ["none", "failed", "queued", "older_model", "ready"]


def test_a_row_names_who_holds_the_report(client: Client, analyst: User) -> None:
    make_incident(status=Incident.Status.IN_REVIEW, claimed_by=make_user("bela", "analyst"))
    assert "bela" in client.get(reverse("queue") + "?status=in_review").content.decode()


def test_synthetic_reports_are_marked(client: Client, analyst: User) -> None:
    make_classified(source=Incident.Source.DEMO)
    assert "Synthetic sample" in client.get(reverse("queue")).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(client: Client, analyst: User) -> None:
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


def test_words_of_a_report_are_never_markup(client: Client, analyst: User) -> None:
    make_classified(title="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(reverse("queue")).content.decode()
