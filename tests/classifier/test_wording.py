"""How figures are written."""

import pytest

from classifier import wording


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
