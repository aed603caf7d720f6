"""What the reference got wrong, one test a flaw: the same input goes through our stream, and comes out right.

Numbers are those of the list of its flaws. Events have its seven columns; the code, the database and the detectors are
the real ones.
"""

import json
import random
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import registry
from classifier.ml.results import Example
from classifier.models import ModelVersion
from events.models import DeadLetter, Entity, Event, EventSource, FieldState, Filter, TrainingExample
from events.services import detectors, ingest
from events.services.detector_training import request_detector
from events.services.examples import import_examples
from events.services.filter_defaults import ensure_default_filters
from events.services.filters import look_again
from events.services.ingest import Intake
from events.services.outcome import Outcome
from events.services.threat_training import INDEX, with_variations
from events.stream.detector import Detector
from events.stream.event import Line
from events.stream.formats.csv_lines import REFERENCE_HEADER
from events.stream.prompts import PATHS, THREAT, prompt
from tests.events.builders import make_source
from tests.events.services.threats import add_examples, run_to_end, trained
from tests.events.streams import states_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("caseloop_home")]

HEADER = (
    "user_id,login_attempts,failed_login_attempts,session_duration,data_transferred,access_sensitive_files,log_text"
)
USUAL = ("User opened report {}", "Query took {} ms on database orders", "User session timed out after {} s")
_clock = count(time.time() - 86_400, 60.0)
MIMIKATZ = "mimikatz run by service and lsass dumped"


def row(user: int = 1, failed: Any = 0, transferred: Any = 100, text: str = "User opened report 7") -> str:
    return f"{user},3,{failed},30,{transferred},0,{text}"


def usual(number: int, seed: int = 1) -> list[str]:
    dice = random.Random(seed)
    return [
        row(
            dice.randint(1, 20), int(dice.random() < 0.2), int(dice.gauss(100, 15)),
            dice.choice(USUAL).format(dice.randint(1, 99)),
        )
        for _ in range(number)
    ]  # fmt: skip


def take(source: EventSource, rows: Iterable[str], origin: str = "file", batch: int = 32) -> Outcome:
    """Each batch comes a minute after the one before it."""
    lines = [Line(text.encode(), origin, place) for place, text in enumerate((REFERENCE_HEADER, *rows))]
    return Intake(source, batch=batch, clock=_clock.__next__).take_all(lines)


def features(event: Event) -> dict[str, float]:
    return dict(zip(event.feature_set.names, event.values.tolist(), strict=True))


def latest(source: EventSource) -> Event:
    event = Event.objects.filter(source=source).select_related("feature_set", "filter", "detector").last()
    assert event is not None
    return event


@pytest.fixture
def source() -> EventSource:
    return make_source(format="reference")


@pytest.fixture
def trained_source(source: EventSource) -> EventSource:
    """With a detector of its own, fitted on 900 usual events."""
    take(source, usual(900), "past")
    run = run_to_end(request_detector(source))
    assert run.version is not None, run.error
    detectors.forget()
    return source


@pytest.fixture
def default_filters() -> None:
    ensure_default_filters(Filter)
    look_again()


def test_1_a_threat_is_told_by_probability_not_by_a_word_that_every_prompt_contains() -> None:
    add_examples(hosts=12)
    version = trained()
    prompts = [prompt(entry, "suspicious", 0.9) for entry in ("backup of poplar done", "mimikatz seen on poplar")]
    assert all("threat" in one.lower() for one in prompts)
    answers = registry.load(version).classify_batch(prompts)
    normal, threat = (float(one.probabilities[INDEX[THREAT]]) for one in answers)
    assert normal < 0.5 < threat


def test_1_without_a_trained_model_nothing_is_called_a_threat(trained_source: EventSource) -> None:
    take(trained_source, [row(failed=60, transferred=90_000, text=MIMIKATZ)])
    event = latest(trained_source)
    assert (event.decision, event.threat, event.answer) == (Event.Decision.ABOVE, Event.Threat.NO_MODEL, None)


def test_2_the_threshold_lets_through_few_and_not_everything(trained_source: EventSource) -> None:
    outcome = take(trained_source, usual(600, seed=2))
    assert outcome.scored == 600
    assert 0 < outcome.above < 0.1 * outcome.scored  # the budget is 1 %, and 900 events make a rough detector
    assert latest(trained_source).detector == ModelVersion.objects.champion(trained_source.line)


@pytest.mark.parametrize("words", [MIMIKATZ, "kerberoasting of 40 service accounts", "asdf qwer"])
def test_3_words_that_were_never_seen_are_no_sign_of_normality(trained_source: EventSource, words: str) -> None:
    take(trained_source, [*usual(50, seed=3), row(text=words)])
    event = latest(trained_source)
    assert features(event)["template:rarity"] > 8
    ordinary = Event.objects.filter(source=trained_source, score__isnull=False).exclude(pk=event.pk)
    assert event.score > np.quantile(list(ordinary.values_list("score", flat=True)), 0.8)


def test_4_aggregates_and_records_are_in_the_units_of_the_events(source: EventSource) -> None:
    take(source, [row(transferred=value) for value in (200, 180)], "first")
    take(source, [row(transferred=value) for value in (150, 180)], "second")
    state = states_of(source)["1", "data_transferred"]
    assert (state.mean, state.low, state.high) == (177.5, 150, 200)
    assert latest(source).fields["data_transferred"] == features(latest(source))["data_transferred"] == 180


@pytest.mark.usefixtures("default_filters")
def test_5_what_a_filter_drops_counts_all_the_same(source: EventSource) -> None:
    outcome = take(source, [row(text="User logged in"), row(text="Session ended"), row()])
    assert outcome.dropped == 2
    assert Entity.objects.get().events == 3
    assert states_of(source)["1", "data_transferred"].n == 3


def test_6_an_event_sees_what_came_before_it_whatever_the_size_of_the_batch(source: EventSource) -> None:
    rows = [row(user=place % 3, transferred=100 + 10 * place) for place in range(30)]
    seen = []
    for batch in (1, 7, 30):
        ingest.forget()
        one = make_source(format="reference")
        take(one, rows, batch=batch)
        events = Event.objects.filter(source=one).select_related("feature_set").order_by("pk")
        seen.append([features(event) for event in events])
    names = ("entity:events", "data_transferred", "data_transferred:z")
    assert [seen[0][place]["entity:events"] for place in (0, 3, 29)] == [0, 1, 9]
    for other in seen[1:]:
        for mine, theirs in zip(seen[0], other, strict=True):
            assert [mine[name] for name in names] == pytest.approx([theirs[name] for name in names])


def test_7_a_file_read_twice_and_a_restart_in_between_change_nothing(source: EventSource) -> None:
    rows = usual(100)
    take(source, rows[:60])
    before = dict(Entity.objects.values_list("name", "events"))
    ingest.forget()  # a restart: nothing but the rows is left
    again = take(source, rows)
    assert (again.duplicates, again.stored) == (60, 40)
    assert sum(before.values()) == 60
    counted = Counter(text.split(",")[0] for text in rows)
    assert dict(Entity.objects.values_list("name", "events")) == counted
    assert sum(FieldState.objects.values_list("n", flat=True)) == 5 * 100


def test_8_made_up_variations_are_training_rows_and_never_events(source: EventSource) -> None:
    take(source, usual(20))
    add_examples(hosts=12)
    real = TrainingExample.objects.count()
    varied = with_variations([Example(prompt("failed login of alice", "suspicious", 0.9), (PATHS[0],), "g")], seed=1)
    assert len(varied) > 1
    trained()
    assert Event.objects.count() == 20
    assert TrainingExample.objects.count() == real
    assert all(float(event.fields["login_attempts"]) == 3 for event in Event.objects.all())


def test_9_a_stored_score_is_the_detectors_own_and_can_be_had_again(trained_source: EventSource) -> None:
    take(trained_source, usual(50, seed=4))
    event = latest(trained_source)
    assert event.detector is not None
    detector = Detector.load(event.detector.artefact)
    again = detector.score(detector.align(event.feature_set.names)(event.values[None, :]))
    assert again[0] == pytest.approx(event.score, abs=1e-12)
    threshold = detectors.serving(trained_source).threshold
    scored = Event.objects.filter(source=trained_source, detector=event.detector)
    for decision, score in scored.values_list("decision", "score"):
        assert (decision == Event.Decision.ABOVE) == (score > threshold)


def test_10_a_missing_value_spoils_neither_the_means_nor_the_batch(source: EventSource) -> None:
    rows = [row(transferred=100), row(transferred=""), row(transferred="nan"), row(transferred=300), row(text="")]
    outcome = take(source, rows)
    assert outcome.stored == 5 and outcome.refused == 0
    state = states_of(source)["1", "data_transferred"]
    assert (state.n, state.mean) == (3, pytest.approx(500 / 3))
    assert Event.objects.filter(template_id=None).count() == 1


@pytest.mark.usefixtures("default_filters")
@pytest.mark.parametrize(
    "text",
    [
        "mimikatz started; heartbeat message",
        "User session ended abruptly.",
        "login successful for root after 400 failures",
    ],
)
def test_11_a_harmless_phrase_inside_another_message_hides_nothing(source: EventSource, text: str) -> None:
    take(source, [row(text=text)])
    assert latest(source).filter is None
    take(source, [row(text="Heartbeat message")], "other")
    assert latest(source).filter is not None


@pytest.mark.usefixtures("default_filters")
def test_11_a_success_after_brute_force_is_not_dropped(source: EventSource) -> None:
    take(source, [row(failed=40, text="Login successful")])
    assert latest(source).filter is None


def test_12_nothing_asks_for_the_sentiment_of_a_log_line(trained_source: EventSource) -> None:
    assert not any("sentiment" in name for name in latest(trained_source).feature_set.names)
    assert "sentiment" not in prompt("User logged in", "suspicious", 0.9).lower()


def test_13_the_references_training_lines_are_taken_and_train_a_model() -> None:
    asked = "Log entry: Suspicious login attempt\nClassification: suspicious\nAnomaly score: 0.9\nIs this a threat?"
    import_examples([json.dumps({"prompt": asked, "completion": " Threat"}).encode()])
    assert TrainingExample.objects.get().completion == TrainingExample.Completion.THREAT
    add_examples(hosts=12)
    version = trained()
    assert (version.line, version.stage) == ("detect", ModelVersion.Stage.CHAMPION)


def test_14_the_detector_is_read_once_and_a_broken_line_costs_itself_alone(
    trained_source: EventSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Path] = []
    load = Detector.load
    monkeypatch.setattr(Detector, "load", lambda folder: (loads.append(folder), load(folder))[1])
    outcome = take(trained_source, [*usual(60, seed=5), "1,2,3", *usual(60, seed=6)], batch=16)
    assert (outcome.stored, outcome.refused, len(loads)) == (120, 1, 1)
    assert "cells" in DeadLetter.objects.get().reason
    version = ModelVersion.objects.champion(trained_source.line)
    assert version is not None
    assert {file.suffix for file in version.artefact.iterdir()} <= {".json", ".npz"}


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every name that is looked up and every address beyond this machine that is connected to."""
    asked: list[Any] = []
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            asked.append(address)
            raise OSError("the network is cut")
        connect(self, address)

    def resolving(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in {"127.0.0.1", "::1", "localhost"}:
            asked.append(host)
            raise OSError("the network is cut")
        return resolve(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    yield asked


def test_15_no_event_leaves_the_machine(trained_source: EventSource, no_network: list[Any]) -> None:
    outcome = take(trained_source, [*usual(20, seed=7), *[row(failed=60, transferred=90_000, text=MIMIKATZ)] * 4])
    assert outcome.above >= 4 and outcome.detections == 1
    assert no_network == []
