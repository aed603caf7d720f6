"""Counts that are believed for a while, and counted anew beside an answer."""

import threading
from collections.abc import Iterator

import pytest
from django.utils import timezone

from incidents.services import kept_counts
from incidents.services.kept_counts import FRESH_SECONDS, LARGE, MOST, OLDEST_SECONDS, kept


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Counter:
    """Counts how often it counted; `number` is what it says."""

    def __init__(self, number: int) -> None:
        self.number, self.times, self.trouble = number, 0, ""
        self.zone = ""
        self.counted = threading.Event()

    def __call__(self) -> int:
        self.times += 1
        self.zone = str(timezone.get_current_timezone())
        self.counted.set()
        if self.trouble:
            raise RuntimeError(self.trouble)
        return self.number

    def ask(self, key: object = "one") -> int:
        return kept(key, self, lambda value: value)

    def wait(self) -> None:
        assert self.counted.wait(5)
        for thread in threading.enumerate():
            if thread.name == "count-beside":
                thread.join(5)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(kept_counts, "time", clock)
    kept_counts.forget()
    yield clock
    kept_counts.forget()


def test_few_are_counted_each_time() -> None:
    counter = Counter(LARGE - 1)
    assert (counter.ask(), counter.ask(), counter.times) == (LARGE - 1, LARGE - 1, 2)


def test_many_are_believed_for_ten_seconds(clock: Clock) -> None:
    counter = Counter(LARGE)
    counter.ask()
    counter.number += 7
    clock.now += FRESH_SECONDS - 1
    assert (counter.ask(), counter.times) == (LARGE, 1)


def test_then_they_are_counted_beside_the_answer_in_the_time_zone_of_who_asks(clock: Clock) -> None:
    counter = Counter(LARGE)
    counter.ask()
    counter.number += 7
    counter.counted.clear()
    clock.now += FRESH_SECONDS
    with timezone.override("Asia/Kolkata"):
        assert counter.ask() == LARGE
    counter.wait()
    assert (counter.ask(), counter.times, counter.zone) == (LARGE + 7, 2, "Asia/Kolkata")


def test_after_a_minute_nothing_is_believed(clock: Clock) -> None:
    counter = Counter(LARGE)
    counter.ask()
    counter.number += 7
    clock.now += OLDEST_SECONDS
    assert (counter.ask(), counter.times) == (LARGE + 7, 2)


def test_what_has_become_few_is_not_kept(clock: Clock) -> None:
    counter = Counter(LARGE)
    counter.ask()
    counter.number = 3
    clock.now += OLDEST_SECONDS
    assert (counter.ask(), counter.ask(), counter.times) == (3, 3, 3)


def test_trouble_beside_the_answer_is_told_in_the_log_and_tried_again(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    counter = Counter(LARGE)
    counter.ask()
    counter.counted.clear()
    counter.trouble = "no such table"
    clock.now += FRESH_SECONDS
    assert counter.ask() == LARGE
    counter.wait()
    assert "counts_not_renewed" in caplog.text
    counter.counted.clear()
    counter.trouble, counter.number = "", LARGE + 1
    assert counter.ask() == LARGE
    counter.wait()
    assert counter.ask() == LARGE + 1


def test_memory_holds_only_so_many() -> None:
    first = Counter(LARGE)
    for key in range(MOST + 1):
        first.ask(key)
    first.ask(1)
    assert first.times == MOST + 1
    first.ask(0)
    assert first.times == MOST + 2
