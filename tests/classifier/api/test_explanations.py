"""GET /api/v1/incidents/<id>/explanation/ and /similar/"""

import numpy as np
import pytest

from classifier.models import Embedding, Explanation
from classifier.services import vectors
from tests.builders import make_api_client, make_decided, make_incident, make_path, make_prediction, make_user
from tests.builders import make_version as version_of
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return make_api_client(make_user(role="analyst"))


@pytest.fixture
def incident():
    make_path("Fraud", "Vishing")
    make_path("Hacking")
    incident = make_incident(title="Call", text="They asked for the code.")
    make_prediction(incident, version_of(name="tiny-v1"), chances=[0.8, 0.2])
    return incident


def url(incident, what="explanation"):
    return f"/api/v1/incidents/{incident.pk}/{what}/"


def test_it_is_202_until_a_worker_has_found_the_words(client, incident):
    answer = client.get(url(incident))
    assert answer.status_code == 202
    assert answer.json() == {"path": "Fraud / Vishing", "model": "tiny-v1", "state": "waiting", "words": []}
    assert client.get(url(incident)).status_code == 202
    assert Job.objects.get(kind="explain").priority == Job.Priority.API


def test_the_words_are_told_by_place_and_expert(client, incident):
    client.get(url(incident))
    Explanation.objects.update(words=[[24, 28, 1.5, 0.25], [0, 4, -0.5, 0.0]])
    answer = client.get(url(incident))
    assert answer.status_code == 200
    assert answer.json()["words"] == [
        {"part": "text", "start": 19, "end": 23, "weight": 1.75, "linear": 1.5, "t5": 0.25},
        {"part": "title", "start": 0, "end": 4, "weight": -0.5, "linear": -0.5, "t5": 0.0},
    ]
    assert incident.text[19:23] == "code"


def test_another_label_is_named_by_its_key(client, incident):
    assert client.get(url(incident), {"path": "Hacking"}).json()["path"] == "Hacking"
    assert client.get(url(incident), {"path": "Nothing"}).status_code == 400
    assert client.get(url(incident), {"path": "a\0b"}).status_code == 400
    make_path("Later")
    assert "does not know" in client.get(url(incident), {"path": "Later"}).json()["detail"]


def test_what_cannot_be_computed_says_why(client, incident):
    client.get(url(incident))
    Explanation.objects.update(problem="tiny-v1 cannot be read any more.")
    answer = client.get(url(incident))
    told = "tiny-v1 cannot be read any more. Have the report classified again by the model in charge."
    assert (answer.status_code, answer.json()["detail"]) == (409, told)


@pytest.mark.parametrize("over", ["failed", "cancelled"])
def test_work_that_came_to_nothing_is_taken_up_again_by_asking(client, incident, over):
    client.get(url(incident))
    Job.objects.update(status=over, error="It broke.")
    answer = client.get(url(incident))
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert Job.objects.get().status == "queued"
    assert client.get(url(incident)).status_code == 202
    assert Job.objects.count() == 1


@pytest.mark.parametrize("what", ["explanation", "similar"])
def test_an_unread_report_is_409_and_another_one_404(client, what):
    assert client.get(url(make_incident(), what)).status_code == 409
    assert client.get(f"/api/v1/incidents/99/{what}/").status_code == 404


def test_a_report_without_a_vector_of_the_present_model_cannot_be_compared(client, incident):
    answer = client.get(url(incident, "similar"))
    assert answer.status_code == 409 and "Have it classified again" in answer.json()["detail"]


@pytest.mark.parametrize("what", ["explanation", "similar"])
def test_a_reporter_may_not_even_for_the_own_report(what):
    reporter = make_user()
    assert make_api_client(reporter).get(url(make_incident(reporter=reporter), what)).status_code == 403


def test_similar_reports_come_with_what_was_decided(client, monkeypatch):
    monkeypatch.setattr(vectors, "_kept", {})
    champion = version_of(stage="champion")
    reports = [make_incident(title="Mine"), make_decided(make_path("Hacking"), title="Other")]
    for report in reports:
        vector = np.array([0.6, 0.8], np.float16).tobytes()
        Embedding.objects.create(
            incident=report, text_revision=report.current_text, encoder_hash=champion.encoder_hash, vector=vector
        )
    (found,) = client.get(url(reports[0], "similar")).json()
    assert found.pop("similarity") == pytest.approx(1, abs=1e-3)
    assert found == {"id": reports[1].pk, "title": "Other", "status": "decided", "paths": ["Hacking"]}
