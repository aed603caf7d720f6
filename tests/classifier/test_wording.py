"""How figures are written."""

import re

import pytest
from django.utils import translation

from classifier import wording
from classifier.ml import doubts
from classifier.services import analysis_runs
from classifier.wording import TROUBLES, in_words
from incidents.services import themes
from workers import models


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (-1.0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3599.0, "59 min 59 s"),
        (7265.0, "2 h 1 min"),
        (90_000.0, "1 d 1 h"),
    ],
)
def test_durations_are_read_at_a_glance(seconds: float | None, words: str) -> None:
    assert wording.duration(seconds) == words


def test_what_was_not_measured_is_a_dash() -> None:
    assert (wording.share(None), wording.decimal(None)) == ("–", "–")


def test_figures_have_the_digits_that_mean_something() -> None:
    assert (wording.share(0.82345), wording.decimal(0.03126)) == ("82.3\u00a0%", "0.031")


def test_stored_reasons_are_told_in_the_language_that_is_active():
    with translation.override("de"):
        told = in_words(f"{1} open reports have been read by the model in charge: themes need at least {10}.")
        assert "10" in told and "open reports" not in told
        assert in_words("KeyError: {x} 3") == "KeyError: {x} 3"


def test_the_sentences_that_jobs_store_are_known():
    """Each is written where it is found out; only here it can be translated."""
    stored = [
        themes.TOO_FEW.format(n=3, needed=10),
        analysis_runs.CALLED_OFF,
        models.LOST_TOO_OFTEN,
        *_told_by(doubts.find_doubts, []),
    ]
    assert [one for one in stored if re.sub(r"\d+", "{}", one) not in TROUBLES] == []


def _told_by(find, examples):
    with pytest.raises(doubts.TooFew) as told:
        find(examples, None, 0, lambda: None)
    return [str(told.value)]
