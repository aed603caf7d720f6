"""Marks on a report's words."""

import pytest

from classifier.models import Explanation
from incidents.services.why import why
from tests.builders import make_incident, make_path, make_prediction
from workers.models import Job

pytestmark = pytest.mark.django_db
TEXT = 'He asked for the "code", and I gave it.'


def place(word, text=TEXT, title="Call"):
    start = f"{title}\n{text}".index(word)
    return start, start + len(word)


@pytest.fixture
def prediction():
    make_path("Fraud", "Vishing")
    make_path("Hacking")
    return make_prediction(make_incident(title="Call", text=TEXT), chances=[0.8, 0.2])


def explain(prediction, *words, **values):
    return Explanation.objects.create(
        prediction=prediction, path_id=prediction.path_ids[0], words=[list(word) for word in words], **values
    )


def test_the_words_are_marked_where_they_stand_and_nothing_is_lost(prediction):
    explain(
        prediction,
        [*place('"code",'), 2.0, 0.0],
        [*place("Call"), 1.0, 0.1],
        [*place("gave"), 0.3, 0.0],
        [*place("He"), -1.0, 0.2],
        [*place("it."), 0.1, 0.0],
    )
    found = why(prediction)
    assert "".join(run.text for run in found.title) == "Call" and "".join(run.text for run in found.text) == TEXT
    assert [(run.text, run.strength) for run in found.title] == [("Call", 3)]
    assert [(run.text, run.strength) for run in found.text if run.strength] == [('"code",', 4), ("gave", 1)]
    assert found.strongest == ["code", "Call", "gave"]


def test_each_expert_has_its_share_of_what_is_marked(prediction):
    explain(prediction, [*place("code"), 3.0, 1.0])
    assert why(prediction).by_linear == pytest.approx(0.75)


def test_a_word_is_named_once_however_it_is_capitalised():
    make_path("Fraud")
    prediction = make_prediction(make_incident(title="Code", text="The code, the CODE."))
    explain(prediction, [9, 14, 2.0, 0.0], [0, 4, 1.0, 0.0], [19, 24, 1.0, 0.0])
    assert why(prediction).strongest == ["code"]


def test_an_expert_that_says_all_of_it_is_not_named(prediction):
    explain(prediction, [*place("code"), 3.0, 0.0])
    assert why(prediction).by_linear is None


def test_a_carpet_of_marks_is_no_mark(prediction):
    explain(prediction, *([number, number + 1, 1.0, 0.0] for number in range(5, 40)))
    assert sum(run.strength > 0 for run in why(prediction).text) == 12


def test_the_states_follow_the_work(prediction):
    assert why(None) is None
    assert why(prediction).state == "unasked"
    explanation = Explanation.objects.create(prediction=prediction, path_id=prediction.path_ids[0])
    job = Job.objects.create(kind="explain", object_id=explanation.pk, queue="inference", priority=0, max_attempts=3)
    assert why(prediction).state == "waiting"
    Job.objects.filter(pk=job.pk).update(status="failed", error="It broke.")
    assert (why(prediction).state, why(prediction).trouble) == ("failed", "It broke.")
    Explanation.objects.update(words=[])
    found = why(prediction)
    assert (found.state, found.strongest, [run.text for run in found.text]) == ("computed", [], [TEXT])
