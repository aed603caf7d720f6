"""The page of one report."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classifier.services.asking import request_classification
from incidents.models import Attachment, Incident, Label, Observable, Retraction, User
from incidents.services import audit
from incidents.services.assignment import set_severity
from incidents.services.comments import add_comment
from incidents.services.reporter_messages import say_wrong
from tests.builders import make_incident, make_label, make_path, make_prediction, make_user, make_version
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


def page(client: Client, incident: Incident, tab: str = "") -> str:
    response = client.get(reverse("incident", args=[incident.pk]), {"tab": tab})
    assert response.status_code == 200
    return response.content.decode()


def test_a_reporter_sees_the_own_report_in_short(client: Client) -> None:
    reporter = make_user("rita")
    client.force_login(reporter)
    incident = make_incident(reporter=reporter, text="My own words")
    make_path("Hacking")
    make_prediction(incident)
    body = page(client, incident)
    assert "My own words" in body
    assert "History" not in body and "Review this" not in body


def test_others_reports_do_not_exist_for_a_reporter(client: Client) -> None:
    client.force_login(make_user())
    other = make_incident(reporter=make_user())
    assert client.get(reverse("incident", args=[other.pk])).status_code == 404


def test_a_stranger_signs_in_first(client: Client) -> None:
    assert client.get(reverse("incident", args=[make_incident().pk])).status_code == 302


def test_line_breaks_and_markup_of_the_text_are_kept_as_they_are(client: Client, analyst: User) -> None:
    body = page(client, make_incident(text="first\n<b>second</b>"))
    assert "first\n&lt;b&gt;second&lt;/b&gt;" in body


def test_every_prediction_is_listed_the_newest_first(client: Client, analyst: User) -> None:
    for name in ("A", "B", "C", "D", "E", "F"):
        make_path(name)
    incident = make_incident()
    old, new = make_version(name="old-v1"), make_version(name="new-v2")
    make_prediction(incident, old)
    make_prediction(incident, new)
    response = client.get(reverse("incident", args=[incident.pk]) + "?tab=predictions")
    views = response.context["page"].predictions
    assert [view.prediction.version for view in views] == [new, old]
    assert [len(view.best) for view in views] == [5, 5]


def test_the_number_of_queries_does_not_grow_with_what_happened(client: Client, analyst: User) -> None:
    incident, counts = make_incident(), []
    for number in range(3):
        make_path("Hacking", f"Kind {number}")
        make_prediction(incident, make_version())
        make_label(incident, make_user(role="analyst"), [make_path("Hacking", "Kind 0")])
        page(client, incident)
        with CaptureQueriesContext(connection) as queries:
            page(client, incident)
        counts.append(sum("workerheartbeat" not in query["sql"] for query in queries))  # that one is asked by the clock
    assert counts == [counts[0]] * 3


def test_an_undone_decision_stays_and_is_marked(client: Client, analyst: User) -> None:
    incident = make_incident()
    label = make_label(incident, analyst, [make_path("Hacking")])
    Retraction.objects.create(label=label, by=analyst)
    body = page(client, incident)
    assert "undone" in body and "Took back: confirmed" in body


def test_the_history_tells_everything_once_and_the_newest_first(client: Client, analyst: User) -> None:
    make_path("Hacking")
    incident = make_incident()
    audit.record("incident.filed", incident=incident)
    make_prediction(incident, make_version(name="tiny-v1"))
    audit.record("incident.skipped", actor=analyst, incident=incident, reason="no time")
    label = make_label(incident, analyst, verdict=Label.Verdict.REJECT, reason="spam")
    audit.record("incident.labelled", actor=analyst, incident=incident, label=label.pk)
    entries = client.get(reverse("incident", args=[incident.pk])).context["page"].timeline
    assert [entry.what for entry in entries] == ["Rejected", "Skipped", "Classified by tiny-v1", "Filed"]
    assert [entry.detail for entry in entries][:2] == ["spam", "no time"]


def test_a_failed_classification_can_be_asked_for_again(client: Client, analyst: User) -> None:
    incident = make_incident()
    Job.objects.create(
        kind="classify",
        object_id=incident.pk,
        queue="inference",
        status=Job.Status.FAILED,
        priority=0,
        max_attempts=3,
    )
    assert "classification failed" in page(client, incident, "predictions")
    client.post(reverse("incident-classify", args=[incident.pk]))
    assert Job.objects.filter(object_id=incident.pk, status=Job.Status.QUEUED).count() == 1


def test_reporters_cannot_ask_for_a_classification(client: Client) -> None:
    client.force_login(make_user())
    assert client.post(reverse("incident-classify", args=[make_incident().pk])).status_code == 403


def test_an_unknown_report_is_not_found(client: Client, analyst: User) -> None:
    assert client.get(reverse("incident", args=[999_999])).status_code == 404


@pytest.mark.parametrize(("consent", "words"), [(True, "may be contacted"), (False, "may not be contacted")])
def test_whether_the_reporter_may_be_contacted_stands_beside_the_contact(
    client: Client, analyst: User, consent: bool, words: str
) -> None:
    body = page(client, make_incident(contact="asha@example.org", consent=consent))
    assert f'[CONTACT] <span class="text-secondary">{words}</span>' in body


@pytest.mark.parametrize(
    "tab", ["timeline", "comments", "similar", "attachments", "predictions", "history", "nonsense"]
)
def test_every_tab_opens_by_its_address(client: Client, analyst: User, tab: str) -> None:
    body = page(client, make_incident(), tab)
    chosen = body.split('aria-current="page">')[1].split(" <")[0]
    assert chosen.lower() == ("timeline" if tab == "nonsense" else tab)


@pytest.mark.parametrize("tab", ["comments", "attachments", "history"])
def test_the_number_of_queries_does_not_grow_with_what_is_said_and_changed(
    client: Client, analyst: User, tab: str
) -> None:
    incident, counts = make_incident(), []
    for number in range(4):
        add_comment(incident, author=make_user(role="analyst"), text=f"comment {number}")
        set_severity(incident, number + 1, by=analyst)
        say_wrong(incident, reason="No", by=None)
        Attachment.objects.create(incident=incident, name="a.txt", content_type="text/plain", size=1, by=analyst)
        Observable.objects.create(incident=incident, kind="ip", value=f"203.0.113.{number}")
        page(client, incident, tab)
        with CaptureQueriesContext(connection) as queries:
            page(client, incident, tab)
        counts.append(sum("workerheartbeat" not in query["sql"] for query in queries))  # that one is asked by the clock
    assert counts[1:] == [counts[1]] * 3


def test_each_observable_leads_to_the_other_reports_with_it(client: Client, analyst: User) -> None:
    incident = make_incident()
    found = Observable.objects.create(incident=incident, kind="url", value="https://evil.com/?a=b&c=d")
    assert f"{reverse('observables')}?number={found.pk}" in page(client, incident)


def test_what_the_audit_hides_is_in_no_part_of_the_page(client: Client, analyst: User) -> None:
    make_path("Hacking", "Malware")
    incident = make_incident(blind=True)
    make_prediction(incident, make_version(name="tiny-v1"))
    for tab in ("timeline", "predictions", "history"):
        assert "tiny-v1" not in page(client, incident, tab)


def test_right_to_left_text_and_markup_stay_text(client: Client, analyst: User) -> None:
    incident = make_incident(title="<i>x</i>", text="\u202b<b>מרמה</b>\u202c")
    add_comment(incident, author=analyst, text="<i>מרמה</i>")
    body = page(client, incident, "comments")
    assert "<b>מרמה" not in body and "<i>" not in body and "&lt;b&gt;מרמה" in body


def test_the_figure_of_similar_reports_comes_by_itself(
    client: Client, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_incident()
    address = reverse("incident-similar-count", args=[report.pk])
    assert address in client.get(reverse("incident", args=[report.pk])).content.decode()
    assert client.get(address).content == b"0"
    monkeypatch.setattr("incidents.services.incident_page.similar_reports", lambda *_: ["one", "two"])
    assert client.get(address).content == b"2"
    Incident.objects.filter(pk=report.pk).update(blind=True, status="classified")
    assert client.get(address).content == b"0"
    assert address not in client.get(reverse("incident", args=[report.pk]), {"tab": "similar"}).content.decode()


def test_the_page_has_the_title_once_as_its_heading(client: Client, analyst: User) -> None:
    body = client.get(reverse("incident", args=[make_incident(title="A strange call").pk])).content.decode()
    assert body.count("A strange call") == 1
    assert "A strange call" in body.split("<h1")[1].split("</h1>")[0]
    untitled = client.get(reverse("incident", args=[make_incident(title="").pk])).content.decode()
    assert "Untitled" in untitled.split("<h1")[1].split("</h1>")[0]


def test_a_report_whose_classification_failed_says_so_at_once_with_a_button(client: Client, analyst: User) -> None:
    incident = make_incident()
    job = request_classification(incident.pk, priority=Job.Priority.WEB)
    assert "No model could read this report" not in page(client, incident)
    Job.objects.filter(pk=job.pk).update(status=Job.Status.FAILED)
    shown, again = page(client, incident), reverse("incident-classify", args=[incident.pk])
    assert "No model could read this report" in shown and f'action="{again}"' in shown
    client.post(again)
    job.refresh_from_db()
    assert job.status == Job.Status.QUEUED
