"""The page of the next labels: who looks, who asks, what is told."""

import csv
import io

import pytest
from django.urls import reverse

from classifier.models import LearningRun
from classifier.services.learning import request_learning
from tests.builders import make_curve, make_learning_run, make_user
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
SENTENCE = "100 more labels: macro-F1 of categories from 0.62 to about 0.66 (0.60 to 0.71), a gain of 0.02 to 0.06."
URL = "/models/labels/"


@pytest.fixture
def analyst(client):
    user = make_user(role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def admin(client):
    user = make_user(role="admin")
    client.force_login(user)
    return user


def page(client):
    return " ".join(client.get(URL).content.decode().split())


def test_analysts_read_what_the_next_labels_bring_class_by_class(client, analyst):
    make_learning_run()
    html = page(client)
    assert SENTENCE in html
    assert "Starving, with fewer than 20 labels: Ransomware." in html
    assert "+0.04" in html and "0.02 to 0.06, by 100" in html and "0.52 to 0.68" in html
    assert html.index('break">Ransomware') < html.index('break">Hacking')
    assert f'href="{reverse("queue")}?category=Hacking&amp;order=margin"' in html
    assert "Measure again" not in html


def test_an_unclear_curve_is_called_not_known_with_its_range(client, analyst):
    make_learning_run(curves=[make_curve(), make_curve("Hacking", verdict="unknown", gain_low=0.0, gain_high=0.2)])
    html = page(client)
    assert "not known" in html and "0.00 to 0.20, by 100" in html and "+0.04" not in html


def test_before_any_measuring_it_says_what_to_do(client, admin):
    html = page(client)
    assert "Not measured yet" in html and "at least 100 decided reports" in html and "CSV" not in html


def test_admins_ask_for_it_once(client, admin):
    assert client.post(f"{URL}measure/").status_code == 302
    assert LearningRun.objects.get().by == admin and Job.objects.get().kind == "measure_learning"
    assert "measured already" in client.post(f"{URL}measure/", follow=True).content.decode()
    assert "Waiting for a worker for analyses" in page(client)


def test_analysts_ask_for_nothing_and_reporters_see_nothing(client, analyst):
    assert client.post(f"{URL}measure/").status_code == 403
    client.force_login(make_user())
    assert {client.get(URL + part).status_code for part in ("", "state/", "curve.csv")} == {403}


def test_the_state_is_asked_for_until_it_is_over(client, analyst):
    LearningRun.objects.create(
        status="failed", trouble="12 reports with a label are too few for a learning curve: 100 are needed."
    )
    answer = client.get(f"{URL}state/")
    assert answer.status_code == 286 and "100 are needed" in answer.content.decode()
    request_learning()
    jobs.claim_job(Job.objects.get(), worker="test").beat({"part": 3, "of": 25})
    answer = client.get(f"{URL}state/")
    assert answer.status_code == 200 and 'max="25" value="3"' in answer.content.decode()
    make_learning_run()
    assert "Show what was found" in client.get(f"{URL}state/").content.decode()


def test_the_download_has_a_line_for_each_curve(client, analyst):
    make_learning_run()
    answer = client.get(f"{URL}curve.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["class"], row["verdict"]) for row in rows] == [
        ("", "rising"), ("Ransomware", "starving"), ("Hacking", "rising"),
    ]  # fmt: skip
    assert answer["Content-Disposition"] == 'attachment; filename="caseloop-learning-curve.csv"'


@pytest.mark.parametrize("where", ["models", "profile", "train"])
def test_it_is_linked_where_one_would_look_for_it(client, where):
    client.force_login(make_user(role="admin", is_superuser=True))
    assert f'href="{URL}"' in client.get(reverse(where)).content.decode()
