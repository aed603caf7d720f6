"""Reports come in while workers are killed at work and the broker forgets everything: each is classified once."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connections
from django.db.models import F, Sum

from classifier.models import Prediction
from classifier.services.training import request_training
from incidents.models import Incident
from incidents.services.filing import FiledReport, file_incident
from tests.chaos.conftest import Plant, kill_child_while, kill_while
from tests.classifier.services.conftest import WORDS, decide_reports, run_to_end
from tests.workers.conftest import wait_for
from tests.workers.rows import expire
from workers.models import Job

pytestmark = pytest.mark.chaos

SECRET = "quagga"  # stands in each report, and nowhere else
WORDS_PER_REPORT = 1500  # long reports take a worker long enough to be met at work


def file(dice: random.Random, count: int) -> list[int]:
    words = [word for some in WORDS.values() for word in some.split()]
    texts = (" ".join([SECRET, *dice.choices(words, k=WORDS_PER_REPORT)]) for _ in range(count))
    return [file_incident(FiledReport(title="", text=text), source="web").incident.pk for text in texts]


@contextmanager
def filing(dice: random.Random, count: int) -> Iterator[Future[list[int]]]:
    """File reports beside what the block does; their numbers are known after it."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(file, dice, count)
        pool.submit(connections.close_all).result()


def at_work() -> bool:
    return Job.objects.filter(kind="classify", status=Job.Status.RUNNING).exists()


def all_done() -> bool:
    return not Job.objects.filter(queue="inference").exclude(status=Job.Status.DONE).exists()


def lost_jobs() -> list[int]:
    """What a worker that was killed still holds; its lease is made to end now."""
    lost = list(Job.objects.filter(status=Job.Status.RUNNING).values_list("pk", flat=True))
    expire()
    return lost


def done(lost: list[int]) -> bool:
    return not Job.objects.filter(pk__in=lost).exclude(status=Job.Status.DONE).exists()


@pytest.mark.long  # the short half is that of test_reports_under_kills.py
def test_reports_filed_amid_kills_and_a_lost_broker_are_each_classified_once(plant: Plant) -> None:
    dice = random.Random(40)
    decide_reports(60)
    champion = run_to_end(request_training(base_model="none")).version
    filed = file(dice, 10)
    worker = plant.worker()
    kill_while(at_work, worker, 120)
    lost = lost_jobs()
    filed += file(dice, 5)

    worker = plant.worker()
    wait_for(lambda: done(lost), 120, sweeping=True)
    with filing(dice, 10) as meanwhile:
        kill_child_while(at_work, worker, 60)
        lost = lost_jobs()
    filed += meanwhile.result()
    wait_for(lambda: done(lost), 60, sweeping=True)

    plant.redis.kill()
    filed += file(dice, 5)
    plant.redis.start()
    wait_for(all_done, 120, sweeping=True)
    with filing(dice, 10) as meanwhile:
        kill_while(at_work, worker, 60)
        lost_jobs()
    filed += meanwhile.result()
    plant.worker()
    wait_for(all_done, 120, sweeping=True)

    predictions = Prediction.objects.filter(version=champion).values_list("text_revision__current_of", flat=True)
    assert Counter(predictions) == Counter(filed)
    assert set(Incident.objects.filter(pk__in=filed).values_list("status", flat=True)) == {Incident.Status.CLASSIFIED}
    jobs = Job.objects.filter(kind="classify")
    assert sorted(jobs.values_list("object_id", flat=True)) == filed
    assert jobs.aggregate(total=Sum("lost_leases"))["total"] >= 3
    assert not jobs.exclude(attempts=F("lost_leases") + 1).exists()
    assert SECRET not in worker.log.read_text()
