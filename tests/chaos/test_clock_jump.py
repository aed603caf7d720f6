"""The clock of a machine jumps an hour ahead and back: nothing is classified twice, and nothing waits for the hour."""

from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from classifier.models import Prediction
from classifier.services.training import request_training
from incidents.models import Incident
from incidents.services.filing import FiledReport, file_incident
from tests.chaos.conftest import Plant
from tests.classifier.services.conftest import decide_reports, run_to_end
from tests.conftest import not_here
from tests.workers.conftest import wait_for
from tests.workers.rows import claimed
from workers.models import Job

pytestmark = pytest.mark.chaos

LIBRARIES = ("libfaketimeMT.so.1", "libfaketime.1.dylib")


def library() -> Path:
    found = [one for name in LIBRARIES for one in Path("/usr/lib").rglob(name)]
    return found[0] if found else not_here("libfaketime is not installed (Debian: apt-get install faketime)")


def file(number: int) -> Incident:
    words = f"A caller asked for the otp code and took rupees, number {number}. " * 200
    return file_incident(FiledReport(title="", text=words), source="web").incident


@pytest.mark.long
def test_a_jump_of_the_clock_stalls_nothing_and_doubles_nothing(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the worker beside PostgreSQL, whose own clock counts; of worker and sweeper beside SQLite, where theirs do."""
    decide_reports()
    champion = run_to_end(request_training(base_model="none")).version
    clock = plant.home / "clock"
    clock.write_text("+0\n")
    with monkeypatch.context() as faked:
        for name, value in (
            ("LD_PRELOAD", str(library())),
            ("FAKETIME_TIMESTAMP_FILE", str(clock)),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ):
            faked.setenv(name, value)
        plant.worker()
        if connection.vendor == "sqlite":
            plant.sweeper()
    if connection.vendor != "sqlite":
        plant.sweeper()
    filed = [file(0)]
    wait_for(lambda: all_classified(1), 120)
    for jump in ("+3600", "+0", "-3600", "+0"):
        filed += [file(len(filed) + number) for number in range(5)]
        clock.write_text(f"{jump}\n")
        filed += [file(len(filed) + number) for number in range(5)]
        wait_for(partial(all_classified, len(filed)), 120)
    by_report = Counter(Prediction.objects.filter(version=champion).values_list("incident", flat=True))
    assert by_report == Counter(one.pk for one in filed)


def all_classified(count: int) -> bool:
    return Job.objects.filter(kind="classify", status=Job.Status.DONE).count() == count


def test_a_lease_from_before_the_clock_was_set_back_does_not_hold_for_the_hour(transactional_db: None) -> None:
    """A worker died with it, so nobody renews it by the new time."""
    batch = claimed(1)
    assert not Job.objects.expired().exists()
    batch.held().update(lease_until=timezone.now() + timedelta(hours=1))
    assert Job.objects.requeue_expired() == 1
