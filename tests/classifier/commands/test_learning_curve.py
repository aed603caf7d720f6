"""`manage.py learning_curve`"""

import pytest

from classifier.models import LearningRun
from tests.builders import make_api_client, make_learning_run, make_user
from tests.classifier.commands.conftest import run

pytestmark = pytest.mark.django_db
SENTENCE = "100 more labels: macro-F1 of categories from 0.62 to about 0.66 (0.60 to 0.71), a gain of 0.02 to 0.06."


def test_the_json_is_what_the_api_tells():
    make_learning_run()
    told = make_api_client(make_user(role="analyst")).get("/api/v1/learning-curve/").json()
    assert run("learning_curve", "--json").json == told


def test_people_read_the_sentences_and_a_line_for_each_class():
    make_learning_run()
    out = run("learning_curve").out
    assert SENTENCE in out
    assert "Starving, with fewer than 20 labels: Ransomware." in out
    assert "category Hacking: 120 labels, F1 0.60, 100 more +0.04 (0.02 to 0.06), rising" in out
    assert "category Ransomware: 7 labels, F1 0.60, starving" in out


def test_what_went_wrong_and_that_nothing_was_measured_is_said():
    LearningRun.objects.create(status="failed", trouble="Too few.")
    out = run("learning_curve").out
    assert "the newest measuring failed: Too few." in out and "Not measured yet" in out
