"""What filters dropped, looked at again."""

from typing import Any

import numpy as np
import pytest

from events.models import Event, EventSource, TrainingExample
from events.services import detectors, profile_filters
from events.services.examples import add_verdict_examples
from events.services.profile_filters import GONE, NO_DETECTOR, review_filters, wilson
from tests.events.builders import make_entity, make_events, make_source
from tests.events.filter_rows import make_filter
from tests.events.services.detector_rows import NAMES, numbers

pytestmark = pytest.mark.django_db
FILTERED = Event.Decision.FILTERED
Completion = TrainingExample.Completion


@pytest.fixture
def source() -> EventSource:
    """With usable events enough for something to score by."""
    detectors.forget()
    source = make_source()
    make_events(source, numbers(300), NAMES, entity=make_entity(source))
    return source


def drop(source: EventSource, rows: Any, **overrides: Any) -> list[Event]:
    entity = source.entities.first() or make_entity(source)
    return make_events(source, rows, NAMES, entity=entity, decision=FILTERED, **overrides)


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"), [(8, 10, 0.490, 0.943), (0, 10, 0.0, 0.278), (500, 500, 0.992, 1.0)]
)
def test_the_interval_is_wilsons(hits: int, tries: int, low: float, high: float) -> None:
    assert wilson(hits, tries) == pytest.approx((low, high), abs=5e-4)


def test_dropped_events_are_scored_again_and_counted(source: EventSource) -> None:
    harmless, hiding = make_filter(name="Heartbeat"), make_filter(name="Hides", kind="suppression")
    drop(source, np.zeros((60, 3)), filter=harmless)
    drop(source, np.full((40, 3), 1e6), filter=hiding)
    review = review_filters(source)
    assert (review.examined, review.dropped, review.problem) == (400, 100, "")
    first, second = review.filters
    assert (first.name, first.dropped, first.share, first.sampled, first.ordinary) == ("Heartbeat", 60, 0.15, 60, 60)
    assert (first.precision, first.high) == (1.0, pytest.approx(1.0))
    assert first.low == pytest.approx(wilson(60, 60)[0])
    assert (second.name, second.kind, second.ordinary, second.precision) == ("Hides", "Suppression", 0, 0.0)


def test_a_sample_is_looked_at_the_same_one_each_time(source: EventSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_filters, "SAMPLE", 10)
    row = make_filter()
    drop(source, numbers(50, centre=2.5), filter=row)
    one, again = review_filters(source), review_filters(source)
    assert (one.filters[0].dropped, one.filters[0].sampled) == (50, 10)
    assert one == again


def test_features_of_another_set_are_put_in_order(source: EventSource) -> None:
    entity = source.entities.first()
    make_events(source, np.zeros((5, 2)), ["new", "bytes"], entity=entity, decision=FILTERED, filter=make_filter())
    assert review_filters(source).filters[0].ordinary == 5


def test_without_a_detector_it_says_so_and_estimates_nothing() -> None:
    detectors.forget()
    source = make_source()
    drop(source, np.zeros((3, 3)))
    review = review_filters(source)
    assert review.problem == NO_DETECTOR
    (one,) = review.filters
    assert (one.name, one.dropped, one.precision, one.low) == (GONE, 3, None, None)


def test_verdicts_on_the_like_of_dropped_events_are_counted(source: EventSource) -> None:
    row = make_filter()
    fields = [{"message": f"Failed password from 10.0.0.{number}"} for number in range(3)]
    drop(source, np.zeros((5, 3)), filter=row, fields=[*fields, {"message": "Backup done"}, {"message": "Other"}])
    judged = make_events(
        source, np.zeros((2, 3)), NAMES, entity=source.entities.first(),
        fields=[{"message": "Failed password from 192.0.2.9"}, {"message": "Backup done"}],
    )  # fmt: skip
    add_verdict_examples(1, judged[:1], Completion.THREAT)
    add_verdict_examples(2, judged[1:], Completion.NORMAL)
    (one,) = review_filters(source).filters
    assert (one.judged, one.threats) == (4, 3)


def test_older_events_than_the_window_and_other_sources_are_left_out(source: EventSource) -> None:
    drop(make_source(), np.zeros((4, 3)))
    drop(source, np.zeros((4, 3)))
    review = review_filters(source, window=3)
    assert (review.examined, review.dropped) == (3, 3)
