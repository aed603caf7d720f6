"""The part of a report's pages that says which words carried a label."""

import pytest
from django.test import Client
from django.urls import reverse

from classifier.models import Explanation, ModelVersion
from incidents.models import TextRevision
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version
from workers.models import Job

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def incident(client: Client):
    client.force_login(make_user(role="analyst"))
    make_path("Fraud", "Vishing")
    make_path("Hacking")
    incident = make_incident(title="", text="They asked for <b>the</b> code.")
    make_prediction(incident, make_version(stage="champion"), chances=[0.8, 0.2])
    return incident


def url(incident) -> str:
    return reverse("incident-why", args=[incident.pk])


def compute(words=((20, 24, 1.0, 0.0),)):
    Explanation.objects.update(words=[list(word) for word in words])


@pytest.mark.parametrize("page", ["incident", "review-report"])
def test_a_page_asks_by_itself_or_by_a_button(client: Client, incident, page: str) -> None:
    body = client.get(reverse(page, args=[incident.pk])).content.decode()
    assert f'hx-post="{url(incident)}" hx-trigger="load, submit"' in body
    assert not Explanation.objects.exists()  # looking at a page changes nothing
    answer = client.post(url(incident), {"back": page})
    assert answer.url == reverse(page, args=[incident.pk])
    assert Job.objects.get(kind="explain").priority == Job.Priority.WEB
    assert 'hx-trigger="every 1s"' in client.get(answer.url).content.decode()


def test_nothing_moves_until_the_words_are_there_and_then_the_polling_stops(client: Client, incident) -> None:
    first = client.post(url(incident), headers=HTMX)
    assert first.status_code == 200 and 'hx-trigger="every 1s"' in first.content.decode()
    assert client.get(url(incident), headers=HTMX).status_code == 204
    compute()
    last = client.get(url(incident), headers=HTMX)
    body = last.content.decode()
    assert last.status_code == 286
    assert f'id="words-{incident.pk}" hx-swap-oob="true"' in body
    assert 'They asked for &lt;b&gt;<mark class="carried carried-4">the&lt;</mark>/b&gt; code.' not in body
    assert "&lt;b&gt;the&lt;/b&gt;" in body.replace('<mark class="carried carried-4">', "").replace("</mark>", "")


def test_a_page_that_comes_later_has_the_marks_at_once(client: Client, incident) -> None:
    client.post(url(incident))
    compute([(25, 30, 1.0, 0.5)])
    body = client.get(reverse("incident", args=[incident.pk])).content.decode()
    assert '<mark class="carried carried-4">' in body and "hx-swap-oob" not in body
    assert "Most of all" in body and "The linear expert gives 67 %" in body


def test_trouble_is_told_with_a_button_to_try_again(client: Client, incident) -> None:
    client.post(url(incident))
    Explanation.objects.update(problem="linear-v1 cannot be read any more.")
    body = client.get(url(incident), headers=HTMX).content.decode()
    assert "linear-v1 cannot be read any more. An admin must train a new model" in body and "Try again" in body
    client.post(url(incident))
    assert Explanation.objects.get().problem == ""


def test_a_report_whose_model_is_gone_can_be_classified_again(client: Client, incident) -> None:
    ModelVersion.objects.update(stage="archived")
    client.post(url(incident))
    Explanation.objects.update(problem="linear-v1 cannot be read any more.")
    body = client.get(url(incident), headers=HTMX).content.decode()
    again = reverse("incident-classify", args=[incident.pk])
    assert f'action="{again}"' in body and "Try again" not in body and "classified again by the model in charge" in body
    client.post(again)
    assert Job.objects.get(kind="classify").object_id == incident.pk


def test_another_decided_label_has_a_button(client: Client) -> None:
    client.force_login(make_user(role="analyst"))
    first, second = make_path("Fraud"), make_path("Hacking")
    incident = make_incident()
    make_prediction(incident, chances=[0.6, 0.4], path_ids=[first.pk, second.pk])
    client.post(url(incident))
    compute([(0, 2, 1.0, 0.0)])
    assert "Why Hacking" in client.get(url(incident)).content.decode()
    client.post(url(incident), {"path": second.pk})
    assert Explanation.objects.get(path=second)


@pytest.mark.parametrize("path", ["0", "x", "9" * 30, "99999"])
def test_a_label_that_is_none_is_not_found(client: Client, incident, path: str) -> None:
    assert client.post(url(incident), {"path": path}).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_label_that_a_new_champion_does_not_know_gives_way_to_the_most_probable(client, incident, method) -> None:
    unknown = make_path("Later")
    answer = getattr(client, method)(url(incident), {"path": unknown.pk}, headers=HTMX)
    assert answer.status_code == (286 if method == "get" else 200)
    assert "Fraud" in answer.content.decode() and "Later" not in answer.content.decode()
    assert not Explanation.objects.filter(path=unknown).exists()


@pytest.mark.parametrize("page", ["incident", "review-report"])
def test_what_an_earlier_model_said_is_explained_at_the_push_of_a_button(client: Client, incident, page: str) -> None:
    ModelVersion.objects.update(stage="previous")
    body = client.get(reverse(page, args=[incident.pk])).content.decode()
    assert "An earlier model predicted it." in body
    assert f'hx-post="{url(incident)}" hx-trigger="submit"' in body and 'hx-trigger="load, submit' not in body


def test_before_a_model_has_read_it_there_is_nothing_to_explain(client: Client, incident) -> None:
    unread = make_incident()
    assert client.post(url(unread)).status_code == 404
    assert 'class="card-footer why"' not in client.get(reverse("incident", args=[unread.pk])).content.decode()


def test_the_card_of_similar_reports_says_why_it_has_none(client: Client, incident) -> None:
    def body(one):
        return client.get(reverse("incident", args=[one.pk]), {"tab": "similar"}).content.decode()

    assert "No model has read this report" in body(make_incident())
    assert "Classify again" not in body(incident)  # the model in charge has read it
    ModelVersion.objects.update(stage="previous")
    assert "only the latest reports get vectors" in body(incident) and "Classify again" in body(incident)


def test_a_reporter_never_sees_it(client: Client) -> None:
    reporter = make_user()
    client.force_login(reporter)
    make_path("Hacking")
    incident = make_incident(reporter=reporter)
    make_prediction(incident)
    assert client.get(url(incident)).status_code == 403
    assert client.post(url(incident)).status_code == 403
    body = client.get(reverse("incident", args=[incident.pk])).content.decode()
    assert "Why" not in body and "Similar reports" not in body


def test_a_title_comes_along_wherever_the_page_has_it(client: Client, incident) -> None:
    TextRevision.objects.filter(incident=incident).update(title="A call")
    client.post(url(incident), headers=HTMX)
    compute()
    body = client.get(url(incident), headers=HTMX).content.decode()
    assert f'<span id="title-{incident.pk}" hx-swap-oob="true"' in body and "<h2" not in body
    for name in ("incident", "review-report"):
        assert client.get(reverse(name, args=[incident.pk])).content.decode().count(f'id="title-{incident.pk}"') == 1
