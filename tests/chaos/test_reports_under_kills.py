"""Reports are filed over HTTP while whatever serves is killed: none is lost, none is classified twice.

`pytest tests/chaos/test_reports_under_kills.py -m long` does the long run on the database of DATABASE_URL and
writes results/reports_under_kills.{sqlite,postgresql}.json.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from classifier.models import TrainingRun
from classifier.services.training import request_training
from incidents.models import ApiToken, Setting, User
from incidents.services.tokens import create_token
from tests.builders import make_user
from tests.chaos import kill_report
from tests.chaos.clients import Clients
from tests.chaos.installation import Installation
from tests.chaos.killer import Killer, order_of
from tests.chaos.watcher import Watcher
from tests.classifier.services.conftest import decide_reports, run_to_end
from tests.workers.conftest import wait_for
from tests.workers.rows import expire
from workers.models import Job

pytestmark = pytest.mark.chaos

NAMES = ("web", "inference", "training", "sweeper")


@pytest.fixture
def installation(transactional_db: None, caseloop_home: Path) -> Iterator[Installation]:
    """With a model in charge, a training that runs meanwhile, and only what the kills are about."""
    for limit in ("anonymous_reports_an_hour", "reports_an_hour", "api_calls_a_minute"):
        Setting.objects.create(key=limit, value=0)  # all of them come from one address
    decide_reports(90)
    run_to_end(request_training(base_model="none"))
    with Installation(caseloop_home, NAMES) as started:
        yield started
        for name in NAMES:
            sys.stdout.write(f"--- {name}\n{started.log(name)[-2500:]}\n")


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def under_kills(
    installation: Installation, *, reports: int, kills: int, every: float, seed: int, hurry: bool
) -> dict[str, Any]:
    """One run; what it found. `hurry` ends the leases of killed workers at the end, instead of waiting for them."""
    reporter, analyst = make_user("fileuser"), make_user(role="analyst")
    _, token = create_token(reporter, name="chaos", scopes=ApiToken.Scope.values)
    run = request_training(options={"epochs": 8, "patience": 8, "batch_reports": 1}, force=True)
    clients = Clients(installation.port, token, seed=seed)
    receipts = clients.accepted.places
    newest = lambda: next((one for one in reversed(list(receipts.values())) if one.startswith("/r/")), "")  # noqa: E731
    watcher = Watcher(installation.port, session_of(analyst), newest)
    killer, dice = Killer(installation), random.Random(seed)
    watcher.start()
    try:
        _kill_while_filing(clients, killer, dice, reports=reports, kills=kills, every=every)
        if hurry:
            expire(kind="classify")
        wait_for(lambda: not unclassified(), 300)
    finally:
        watcher.stop()
    if not hurry:
        wait_for(lambda: not TrainingRun.objects.open().exists(), 900)
    run.refresh_from_db()
    found = kill_report.figures(clients, killer.kills, watcher.looks, seed=seed, training=run.status)
    sys.stdout.write(json.dumps(found, indent=1))
    return found


def _kill_while_filing(
    clients: Clients, killer: Killer, dice: random.Random, *, reports: int, kills: int, every: float
) -> None:
    """One kill in each span of `every` seconds, at a moment by chance, and an even share of the reports."""
    for number, victim in enumerate(order_of(dice, kills)):
        clients.file(range(number * reports // kills, (number + 1) * reports // kills), every)
        at = dice.uniform(0, every)
        time.sleep(at)
        killer.kill(victim)
        time.sleep(every - at)
    clients.wait()
    killer.wait()


def unclassified() -> bool:
    return Job.objects.open().filter(kind="classify").exists()


def assert_nothing_was_lost(found: dict[str, Any], reports: int) -> None:
    told = json.dumps(found, indent=1)
    assert found["accepted"] == reports and found["given_up"] == 0, told
    assert (found["lost"], found["twice"], found["unaccounted"]) == (0, 0, 0), told
    assert not Job.objects.filter(kind="classify").exclude(status=Job.Status.DONE).exists(), told


def test_reports_filed_amid_kills_are_all_kept_and_classified_once(installation: Installation) -> None:
    found = under_kills(installation, reports=60, kills=6, every=2.5, seed=7, hurry=True)
    assert_nothing_was_lost(found, 60)
    assert found["training"] in {"queued", "running", "lost", "succeeded"}


@pytest.mark.long
def test_a_thousand_reports_outlive_every_process_being_killed_three_times(installation: Installation) -> None:
    found = under_kills(installation, reports=1000, kills=27, every=8, seed=2026, hurry=False)
    kill_report.keep(found)
    assert_nothing_was_lost(found, 1000)
    assert found["training"] == "succeeded"
