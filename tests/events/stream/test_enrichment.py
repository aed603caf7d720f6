"""Looking events up in plug-ins that fail, hang and lie."""

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from events.stream import answer_cache
from events.stream.enrichment import LONGEST_VALUE, enrich
from events.stream.enrichment_plug import FAILURES, PAUSE, LookupFailed, Plug

EVENT = {"source.ip": "192.0.2.7", "user.name": "asha"}


class Known:
    """Answers from a mapping, raises what is an error in it, and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Any], name: str = "geo") -> None:
        self.answers, self.name, self.field = answers, name, "source.ip"
        self.asked: list[str] = []

    def lookup(self, value: str) -> Mapping[str, Any] | None:
        self.asked.append(value)
        found = self.answers.get(value)
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]


class Hanging:
    """Answers once it is let go."""

    name, field = "slow", "source.ip"

    def __init__(self) -> None:
        self.go = threading.Event()

    def lookup(self, value: str) -> Mapping[str, Any] | None:
        self.go.wait(10)
        return {"late": value}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    one = Hanging()
    yield one
    one.go.set()


def test_what_is_known_is_told_by_the_name_of_the_plug_in() -> None:
    found = enrich(EVENT, [Plug(Known({"192.0.2.7": {"country": "NG"}})), Plug(Known({}, "list"))])
    assert (found.state, found.data, found.failures) == ("done", {"geo": {"country": "NG"}}, {})


@pytest.mark.parametrize("value", [None, "", {"a": 1}, ["192.0.2.7"], "x" * (LONGEST_VALUE + 1)])
def test_without_a_single_value_nothing_is_asked(value: Any) -> None:
    plug_in = Known({})
    assert enrich({"source.ip": value}, [Plug(plug_in)]).state == ""
    assert plug_in.asked == []
    assert enrich({}, [Plug(plug_in)]).state == enrich(EVENT, []).state == ""


def test_a_value_is_asked_once_and_nothing_is_an_answer_too() -> None:
    plug_in = Known({"192.0.2.7": {"country": "NG"}})
    plug = Plug(plug_in)
    for address in ("192.0.2.7", "192.0.2.8") * 3:
        enrich({"source.ip": address}, [plug])
    assert plug_in.asked == ["192.0.2.7", "192.0.2.8"]


def test_the_least_lately_used_value_leaves_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_cache, "CACHED", 2)
    plug_in = Known({})
    plug = Plug(plug_in)
    for value in "abaca":
        enrich({"source.ip": value}, [plug])
    assert plug_in.asked == ["a", "b", "c"]
    enrich({"source.ip": "b"}, [plug])
    assert plug_in.asked == ["a", "b", "c", "b"]


def test_long_answers_leave_the_cache_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_cache, "MOST_HELD", 2_500)
    plug_in = Known({value: {"text": value * 1_000} for value in "abc"})
    plug = Plug(plug_in)
    for value in "abcbca":
        enrich({"source.ip": value}, [plug])
    assert plug_in.asked == ["a", "b", "c", "a"]
    assert plug._cache.held == 2 * len('{"text":""}') + 2_000


def test_a_failure_is_told_and_others_answer_all_the_same() -> None:
    broken = Plug(Known({"192.0.2.7": RuntimeError("the file is gone")}, "broken"))
    found = enrich(EVENT, [broken, Plug(Known({"192.0.2.7": {"country": "NG"}}))])
    assert (found.state, found.data) == ("failed", {"geo": {"country": "NG"}})
    assert found.failures == {"broken": "RuntimeError: the file is gone"} == {"broken": broken.reason}


def test_words_for_people_are_told_as_they_are() -> None:
    found = enrich(EVENT, [Plug(Known({"192.0.2.7": LookupFailed("Give it back.")}))])
    assert found.failures == {"geo": "Give it back."}


def test_a_plug_in_that_hangs_holds_up_nothing_but_itself(hanging: Hanging) -> None:
    plugs = [Plug(hanging), Plug(Known({"192.0.2.7": {"country": "NG"}}))]
    start = time.monotonic()
    first = enrich(EVENT, plugs, seconds=0.05)
    others = [enrich({"source.ip": f"192.0.2.{last}"}, plugs, seconds=5.0) for last in range(2, 5)]
    assert time.monotonic() - start < 2
    assert (first.state, first.data) == ("failed", {"geo": {"country": "NG"}})
    assert first.failures == {"slow": "It gave no answer in time."}
    assert [one.failures for one in others] == [{"slow": "It is still busy with an earlier value."}] * 3


def test_an_answer_that_came_late_serves_the_next_event(hanging: Hanging) -> None:
    plug = Plug(hanging)
    assert enrich(EVENT, [plug], seconds=0.02).state == "failed"
    hanging.go.set()
    deadline = time.monotonic() + 5
    while (found := enrich(EVENT, [plug])).state == "failed" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert found.data == {"slow": {"late": "192.0.2.7"}}
    assert plug.reason == ""


def test_being_busy_is_no_reason_to_be_left_alone(hanging: Hanging) -> None:
    plug = Plug(hanging, Clock())
    assert enrich(EVENT, [plug], seconds=0.02).state == "failed"
    for last in range(3 * FAILURES):
        assert enrich({"source.ip": f"192.0.2.{last}"}, [plug]).state == "failed"
    hanging.go.set()
    deadline = time.monotonic() + 5
    while (found := enrich({"source.ip": "192.0.2.99"}, [plug])).state == "failed" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert found.data == {"slow": {"late": "192.0.2.99"}}


def test_after_failures_in_a_row_it_is_left_alone_for_a_while() -> None:
    clock = Clock()
    plug_in = Known({str(n): RuntimeError("down") for n in range(FAILURES)})
    plug = Plug(plug_in, clock)
    for n in range(FAILURES):
        assert enrich({"source.ip": str(n)}, [plug]).failures == {"geo": "RuntimeError: down"}
    paused = enrich({"source.ip": "well"}, [plug])
    assert paused.failures == {"geo": "RuntimeError: down It is left alone for 60 s after 5 failures in a row."}
    assert "well" not in plug_in.asked
    clock.now = PAUSE
    assert enrich({"source.ip": "well"}, [plug]).state == ""
    assert plug.reason == ""


def test_what_is_in_the_cache_is_told_in_a_pause_too() -> None:
    plug = Plug(Known({"192.0.2.7": {"country": "NG"}, "x": RuntimeError("down")}))
    enrich(EVENT, [plug])
    for _ in range(FAILURES):
        enrich({"source.ip": "x"}, [plug])
    assert enrich(EVENT, [plug]).data == {"geo": {"country": "NG"}}


def test_what_is_in_the_cache_is_no_sign_that_it_works_again() -> None:
    plug_in = Known({str(n): RuntimeError("down") for n in range(FAILURES)})
    plug = Plug(plug_in)
    for value in ("192.0.2.7", *(one for n in range(FAILURES) for one in (str(n), "192.0.2.7"))):
        enrich({"source.ip": value}, [plug])
    assert plug.reason == "RuntimeError: down"
    assert "It is left alone" in enrich({"source.ip": "another"}, [plug]).failures["geo"]


def test_failures_that_do_not_follow_each_other_begin_no_pause() -> None:
    plug_in = Known({"bad": RuntimeError("down")})
    plug = Plug(plug_in)
    for n in range(2 * FAILURES):
        enrich({"source.ip": "bad" if n % 2 else f"good {n}"}, [plug])
    assert len(plug_in.asked) == 2 * FAILURES


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"name": "a\0b\ud800"}, {"name": "ab?"}),
        ({"n": float("nan"), "big": 2**70, "raw": b"x"}, {"n": None, "big": str(2**70), "raw": "b'x'"}),
        ({"deep": {"list": (1, 2)}}, {"deep": {"list": [1, 2]}}),
    ],
)
def test_answers_become_what_any_database_holds(answer: dict[str, Any], told: dict[str, Any]) -> None:
    assert enrich(EVENT, [Plug(Known({"192.0.2.7": answer}))]).data == {"geo": told}


def test_an_answer_without_end_is_a_failure() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    for answer in ({"text": "x" * 30_000}, endless):
        assert enrich(EVENT, [Plug(Known({"192.0.2.7": answer}))]).state == "failed"


def test_a_plug_that_is_closed_ends_its_thread() -> None:
    plug = Plug(Known({}, name="a name of its own"))
    enrich(EVENT, [plug])
    plug.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any("a name of its own" in one.name for one in threading.enumerate()):
        time.sleep(0.01)
    assert not any("a name of its own" in one.name for one in threading.enumerate())
