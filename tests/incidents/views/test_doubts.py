"""The queue of labels that we doubt."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from classifier.models import Doubt, DoubtRun
from incidents.models import AuditEvent, Incident, Path, User
from incidents.services import reviewing, undoing
from tests.builders import make_decided, make_path, make_user
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def right() -> Path:
    return make_path("Fraud", "Phishing")


@pytest.fixture
def doubt(right: Path) -> Doubt:
    return make_doubt(right)


def make_doubt(right: Path, quality: float = 0.02, **overrides: object) -> Doubt:
    run = DoubtRun.objects.order_by("pk").first() or DoubtRun.objects.create(status="done", labels=90)
    DoubtRun.objects.filter(pk=run.pk).update(finished_at=run.created_at)
    incident = make_decided(make_path("Abuse", "Insult"), split_group="g")
    values = {"probability": 0.93, "agreeing": 8, "neighbours": 10, "suggested": [right.pk]}
    return Doubt.objects.create(
        run=run, incident=incident, label=incident.current_label, quality=quality, **values | overrides
    )


def settle(client: Client, doubt: Doubt, action: str):
    return client.post(reverse("doubt-settle", args=[doubt.pk]), {"action": action}, follow=True)


def test_only_analysts_see_and_settle_doubts(client: Client, doubt: Doubt) -> None:
    assert client.get(reverse("doubts")).status_code == 302
    client.force_login(make_user())
    for name in ("doubts", "doubts-csv", "doubts-state"):
        assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse("doubts-find")).status_code == 403
    assert settle(client, doubt, "keep").status_code == 403
    assert not DoubtRun.objects.exclude(pk=doubt.run_id).exists()


def test_before_any_run_the_page_says_what_to_do(client: Client, analyst: User) -> None:
    assert "No label was compared yet" in client.get(reverse("doubts")).content.decode()
    client.post(reverse("doubts-find"))
    assert Job.objects.get().queue == "analysis"
    body = client.get(reverse("doubts")).content.decode()
    assert "Waiting for a worker" in body and "every 2s" in body
    client.post(reverse("doubts-find"))
    assert DoubtRun.objects.count() == 1


def test_both_labels_stand_side_by_side_with_a_reason_the_worst_first(
    client: Client, analyst: User, right: Path
) -> None:
    better, worse = make_doubt(right, 0.3), make_doubt(right, 0.01, agreeing=0)
    response = client.get(reverse("doubts"))
    assert [row.doubt for row in response.context["rows"]] == [worse, better]
    body = response.content.decode()
    assert "8 of the 10 reports worded most like it are Phishing" in body
    assert "A model that has not seen this label says Phishing with 93 %." in body
    assert "Insult" in body and "Phishing" in body


def test_keeping_a_label_settles_the_doubt_and_can_be_taken_back(client: Client, analyst: User, doubt: Doubt) -> None:
    assert "stays, and is not doubted again" in settle(client, doubt, "keep").content.decode()
    doubt.refresh_from_db()
    assert (doubt.state, doubt.by) == ("kept", analyst)
    assert AuditEvent.objects.get(kind="incident.label_kept").actor == analyst
    assert "settled meanwhile" in settle(client, doubt, "keep").content.decode()
    kept = client.get(reverse("doubts"), {"state": "kept"})
    assert "Kept by asha" in kept.content.decode() and kept.context["counts"] == {"open": 0, "kept": 1, "changed": 0}
    settle(client, doubt, "again")
    doubt.refresh_from_db()
    assert (doubt.state, doubt.by) == ("open", None)


def test_the_suggestion_is_taken_by_one_button(client: Client, analyst: User, doubt: Doubt, right: Path) -> None:
    settle(client, doubt, "change")
    incident = Incident.objects.get()
    assert (incident.status, incident.current_label.reviewer) == ("decided", analyst)
    assert list(incident.current_label.paths.all()) == [right]
    doubt.refresh_from_db()
    assert (doubt.state, doubt.by) == ("changed", analyst)
    undoing.undo(analyst)
    assert client.get(reverse("doubts")).context["counts"] == {"open": 1, "kept": 0, "changed": 0}


def test_opened_for_review_the_person_is_told_why(client: Client, analyst: User, doubt: Doubt) -> None:
    response = settle(client, doubt, "open")
    assert response.redirect_chain[-1][0] == reverse("review-report", args=[doubt.incident_id])
    body = response.content.decode()
    assert "The label that stands is doubted." in body and "8 of the 10" in body and "Phishing" in body
    page = client.get(reverse("review-report", args=[doubt.incident_id])).context["page"]
    assert page.doubt.suggested == [make_path("Fraud", "Phishing")], "also when the page is opened again"
    assert [str(one.path) for one in page.choices if one.chosen] == ["Abuse / Insult"], "it is a hint, not a choice"
    doubt.refresh_from_db()
    assert doubt.state == "open"


def test_no_doubt_is_named_to_who_decides_without_suggestions(client: Client, analyst: User, doubt: Doubt) -> None:
    settle(client, doubt, "open")
    client.post(reverse("review-suggestions", args=[doubt.incident_id]))
    response = client.get(reverse("review-report", args=[doubt.incident_id]))
    assert response.context["page"].doubt is None and "is doubted" not in response.content.decode()


def test_a_settled_doubt_is_named_on_no_review(client: Client, analyst: User, doubt: Doubt) -> None:
    settle(client, doubt, "keep")
    reviewing.reopen(doubt.incident, analyst)
    assert client.get(reverse("review-report", args=[doubt.incident_id])).context["page"].doubt is None


def test_what_somebody_else_holds_waits(client: Client, analyst: User, doubt: Doubt) -> None:
    reviewing.reopen(doubt.incident, make_user("ben", role="analyst"))
    for action in ("open", "change"):
        assert "Somebody else holds" in settle(client, doubt, action).content.decode()
    doubt.refresh_from_db()
    assert doubt.state == "open" and Incident.objects.get().labels.count() == 1


def test_a_label_changed_elsewhere_is_at_once_among_the_changed(client: Client, analyst: User, doubt: Doubt) -> None:
    reviewing.reopen(doubt.incident, analyst)
    reviewing.decide(doubt.incident, reviewer=analyst, verdict="reject", paths=[])
    assert client.get(reverse("doubts")).context["counts"] == {"open": 0, "kept": 0, "changed": 1}
    assert len(client.get(reverse("doubts"), {"state": "changed"}).context["rows"]) == 1
    assert "settled meanwhile" in settle(client, doubt, "open").content.decode()


def test_progress_and_failure_are_visible(client: Client, analyst: User) -> None:
    client.post(reverse("doubts-find"))
    Job.objects.update(status="running", token="t", lease_until="2099-01-01T00:00Z", progress={"part": 2, "of": 5})
    response = client.get(reverse("doubts-state"))
    assert response.status_code == 200 and 'value="2"' in response.content.decode()
    Job.objects.update(status="failed", error="The disk is full.")
    response = client.get(reverse("doubts-state"))
    assert response.status_code == 286 and "The disk is full." in response.content.decode()


def test_the_csv_has_figures_and_no_words_of_the_report(client: Client, analyst: User, doubt: Doubt) -> None:
    text = client.get(reverse("doubts-csv")).content.decode()
    header, line = csv.reader(io.StringIO(text))
    assert header[:3] == ["report", "label", "suggested"]
    assert line[:5] == [str(doubt.incident_id), "Abuse / Insult", "Fraud / Phishing", "0.02", "0.93"]
    assert doubt.incident.title not in text


@pytest.mark.parametrize("state", ["nonsense", "", "kept"])
def test_any_state_in_the_address_is_answered(client: Client, analyst: User, state: str) -> None:
    assert client.get(reverse("doubts"), {"state": state}).status_code == 200
    assert client.post(reverse("doubt-settle", args=[1]), {"action": "no"}).status_code == 404


def test_the_page_takes_the_same_number_of_queries_however_many(
    client: Client, analyst: User, right: Path, django_assert_max_num_queries
) -> None:
    for _ in range(25):
        make_doubt(right)
    with django_assert_max_num_queries(18):
        client.get(reverse("doubts"))
