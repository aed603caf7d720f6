"""Events are delivered again and again while whoever ingests them is killed: each counts once, exactly."""

import json
import math
import random
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count, F, Sum

from events.models import (
    Detection,
    Entity,
    EntityPane,
    Event,
    EventSource,
    FieldState,
    Filter,
    SourceMinute,
    ValueCount,
)
from events.models.entity import pane_key
from events.services.inbox import accept
from events.stream.aggregates import DECAY
from incidents.models import Incident
from tests.chaos.conftest import Plant, kill_child_while, kill_while
from tests.events.builders import make_source
from tests.events.streams import recomputed, session, states_of
from tests.workers.conftest import SLACK, wait_for
from tests.workers.rows import expire
from workers.models import Job

pytestmark = pytest.mark.chaos

ATTACK = "Vault was opened with a forged key"
RULE = f"""
title: Forged key
logsource: {{category: application}}
detection:
  selection:
    message: {ATTACK}
  condition: selection
"""
USERS = 12
AGAIN = 0.3  # share of events that are delivered once more
DEATHS = 0.1  # share of batches whose process is killed

Sent = list[dict[str, Any]]


@pytest.fixture
def source(transactional_db: None) -> EventSource:
    """One that scores stand aside for: a rule picks the planted attacks, each of an entity and this cause."""
    Filter.objects.create(name="Forged key", kind=Filter.Kind.RULE, enabled=True, reason="test", sigma=RULE)
    return make_source("killed", format="json")


def sessions(dice: random.Random, count: int) -> Sent:
    """Events of the last two hours in no order; large numbers that differ little are where sums lose digits."""
    now = time.time() - 10
    return [
        session(
            f"user{dice.randrange(USERS)}", round(now - dice.uniform(0, 7200), 3), id=f"event-{number}",
            failed=dice.randint(0, 9), bytes=1e6 + dice.gauss(0, 1),
            message=ATTACK if dice.random() < 0.02 else dice.choice(["User opened report 7", "Session ended"]),
        )
        for number in range(count)
    ]  # fmt: skip


def assert_exact(source: EventSource, sent: Sent) -> None:
    """What the rows say is what a plain recomputation over the events says, each counted once."""
    assert Event.objects.filter(source=source).count() == len(sent)
    assert set(Event.objects.values_list("given_id", flat=True)) == {one["id"] for one in sent}
    per_user = Counter(one["user"] for one in sent)
    assert dict(Entity.objects.values_list("name", "events")) == per_user
    states = states_of(source)
    for name in ("failed", "bytes"):
        for user, expected in recomputed(sent, name).items():
            state = states[user, name]
            assert (state.n, state.low, state.high) == (expected["n"], expected["low"], expected["high"])
            assert state.mean == pytest.approx(expected["mean"], rel=1e-9)
            assert state.m2 / (state.n - 1) == pytest.approx(expected["variance"], rel=1e-9)
            _assert_decayed(state, [one for one in sent if one["user"] == user], name)
    _assert_panes(source, sent)
    messages = Counter(one["message"] for one in sent)
    counted = ValueCount.objects.filter(source=source, field="template").values_list("value", "n")
    assert sum(n for _, n in counted) == sum(messages.values())
    sums = SourceMinute.objects.filter(source=source).aggregate(new=Sum(F("received") - F("duplicates") - F("refused")))
    assert sums["new"] == len(sent)


def _assert_decayed(state: FieldState, own: Sent, name: str) -> None:
    last = max(one["timestamp"] for one in own)
    left = [math.exp(-DECAY * (last - one["timestamp"])) for one in own]
    assert state.decayed_at == last
    assert state.weight == pytest.approx(math.fsum(left), rel=1e-9)
    total = math.fsum(share * one[name] for share, one in zip(left, own, strict=True))
    assert state.decayed_sum == pytest.approx(total, rel=1e-9)


def _assert_panes(source: EventSource, sent: Sent) -> None:
    ids = dict(Entity.objects.filter(source=source).values_list("name", "pk"))
    expected: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in sent:
        expected[pane_key(ids[one["user"]], int(one["timestamp"] // 60))].append(one)
    panes = {pane.pk: pane for pane in EntityPane.objects.all()}
    assert {key: pane.events for key, pane in panes.items()} == {key: len(own) for key, own in expected.items()}
    slot = source.numbers.index("bytes")
    for key, own in expected.items():
        total = math.fsum(one["bytes"] for one in own)
        assert getattr(panes[key], f"sum_{slot}") == pytest.approx(total, rel=1e-9)


def assert_detected_once(source: EventSource, sent: Sent) -> None:
    """One open detection an entity and cause, with every planted attack of the entity and no event twice."""
    planted = Counter(one["user"] for one in sent if one["message"] == ATTACK)
    found = Detection.objects.filter(source=source, cause="rule: Forged key")
    assert dict(found.values_list("entity__name", "count")) == planted
    assert not Detection.objects.values("entity", "cause").annotate(n=Count("pk")).filter(n__gt=1).exists()
    for one in Detection.objects.annotate(given=Count("events")):
        assert one.count == one.given
        assert one.incident_id is not None
    told = set(Detection.objects.values_list("incident", flat=True))
    assert set(Incident.objects.values_list("pk", flat=True)) == told


def deliveries(dice: random.Random, sent: Sent, processes: int, batch: int) -> list[list[list[tuple[str, int]]]]:
    """Every event once, some once more, shuffled and dealt out; a delivery again stands in another place."""
    texts = [json.dumps(one) for one in [*sent, *(one for one in sent if dice.random() < AGAIN)]]
    dice.shuffle(texts)
    dealt = [[(text, place) for place, text in enumerate(texts[own::processes])] for own in range(processes)]
    return [[own[start : start + batch] for start in range(0, len(own), batch)] for own in dealt]


def ingest_amid_kills(plant: Plant, folder: Path, source: EventSource, sent: Sent, seed: int, batch: int) -> int:
    """Returns how many processes were killed."""
    plan = folder / "plan.json"
    dealt = deliveries(random.Random(seed), sent, 3, batch)
    plan.write_text(json.dumps({"source": source.name, "seed": seed, "deaths": DEATHS, "deliveries": dealt}))
    program = plant.program("-m", "tests.chaos.ingester", str(plan))
    assert program.process.wait(300 * SLACK) == 0
    return int(program.log.read_text().splitlines()[-1])


def check_after(plant: Plant, folder: Path, source: EventSource, events: int, seed: int, batch: int) -> int:
    sent = sessions(random.Random(seed), events)
    deaths = ingest_amid_kills(plant, folder, source, sent, seed, batch)
    source.refresh_from_db()
    assert_exact(source, sent)
    assert_detected_once(source, sent)
    return deaths


def test_three_processes_killed_around_their_commits_leave_every_number_exact(
    plant: Plant, tmp_path: Path, source: EventSource
) -> None:
    assert check_after(plant, tmp_path, source, events=1500, seed=7, batch=25) >= 4


@pytest.mark.long
def test_so_they_do_over_many_batches_of_the_usual_size(plant: Plant, tmp_path: Path, source: EventSource) -> None:
    assert check_after(plant, tmp_path, source, events=30_000, seed=8, batch=256) >= 8


def at_work() -> bool:
    return Job.objects.filter(kind="ingest", status=Job.Status.RUNNING).exists()


def settled() -> bool:
    return not Job.objects.filter(kind="ingest").exclude(status=Job.Status.DONE).exists()


def post(source: EventSource, sent: Sent, size: int, start: int = 0) -> None:
    """As the API does, in batches; the last events of each come again with the next one."""
    lines = [json.dumps(one).encode() for one in sent]
    for place in range(start, len(lines), size):
        accept(source, lines[max(0, place - size // 3) : place + size], key=f"batch-{place}", format="json")


@pytest.mark.long
def test_workers_killed_while_batches_wait_lose_none_and_count_none_twice(plant: Plant, source: EventSource) -> None:
    sent = sessions(random.Random(9), 6000)
    post(source, sent[:3000], 500)
    worker = plant.worker("events")
    kill_while(at_work, worker, 120)
    expire()
    worker = plant.worker("events")
    wait_for(lambda: Job.objects.filter(kind="ingest", status=Job.Status.DONE).exists(), 120, sweeping=True)
    post(source, sent, 500, start=3000)
    kill_child_while(at_work, worker, 60)
    expire()
    wait_for(settled, 120, sweeping=True)
    source.refresh_from_db()
    assert Job.objects.filter(kind="ingest").aggregate(total=Sum("lost_leases"))["total"] >= 2
    assert_exact(source, sent)
    assert_detected_once(source, sent)
