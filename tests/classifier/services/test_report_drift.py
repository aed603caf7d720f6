"""Watching reports: a look at each full window, alarms that begin once, people who settle them."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from classifier.models import DatasetRow, DriftAlarm, DriftLook, DriftReference
from classifier.services import drift_reference
from classifier.services import report_drift as drift
from classifier.services.classify import classify_batch
from incidents.models import AuditEvent, Incident, Setting
from tests.builders import (
    make_drift_look,
    make_incident,
    make_path,
    make_prediction,
    make_promotion,
    make_snapshot,
    make_user,
    make_version,
)
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
SIZE = 50  # reports of a window: the least that may be set
BANK = "caller bank code otp phone rupees voice transfer account card manager urgent"
PARCEL = "parcel customs courier delivery drugs police video arrest warrant seized package officer"


@pytest.fixture(autouse=True)
def _small_windows():
    Setting.objects.create(key="drift_window", value=SIZE)


@pytest.fixture
def promotion():
    """A champion that learned from 120 reports of banks, with answers on 100 others: a tenth unsure."""
    bank, _other = make_path("Bank fraud"), make_path("Parcel fraud")
    version, random = make_version(stage="champion", snapshot=make_snapshot()), np.random.default_rng(7)
    for _ in range(120):
        incident = make_incident(title="", text=text(random), created_at=timezone.now() - timedelta(days=9))
        revision = {"incident": incident, "text_revision": incident.current_text}
        DatasetRow.objects.create(snapshot=version.snapshot, paths=[0], split="train", **revision)
    unsure = [0.3] * 10 + [0.9] * 90
    DriftReference.objects.create(version=version, path_ids=[[bank.pk]] * 100, confidences=unsure)
    return make_promotion(version)


def text(random, words=BANK):
    return " ".join(random.choice(words.split(), 8))


def file_reports(promotion, count=SIZE, seed=0, words=BANK, chances=(0.9, 0.1), **overrides):
    """Reports that the champion has read; every tenth it is unsure of."""
    random = np.random.default_rng(seed)
    return [
        make_prediction(
            make_incident(title="", text=text(random, words), **overrides),
            promotion.version,
            chances,
            **({"confidence": 0.3} if place % 10 == 0 else {}),
        )
        for place in range(count)
    ]


def look():
    """One round of the sweeper, and the worker's answer to it."""
    drift.watch_reports()
    for job in Job.objects.filter(kind=drift.KIND, status="queued"):
        drift.measure_drift(jobs.claim_job(job, worker="test"))
    return DriftLook.objects.order_by("-pk").first()


def test_without_a_champion_nothing_happens():
    drift.watch_reports()
    assert not Job.objects.exists() and drift.drift_alarm_open() == ""


def test_a_new_champion_is_asked_for_its_answers_first():
    version = make_promotion().version
    drift.watch_reports()
    drift.watch_reports()
    job = Job.objects.get()
    assert (job.kind, job.object_id, job.queue) == ("read_drift_reference", version.pk, "inference")


def test_there_is_no_look_before_the_window_is_full_and_one_when_it_is(promotion):
    file_reports(promotion, SIZE - 1)
    assert look() is None and drift.waiting(promotion) == SIZE - 1
    file_reports(promotion, 1, seed=1)
    found = look()
    assert (found.number, found.reports) == (1, SIZE) and drift.waiting(promotion) == 0
    assert look() == found and Job.objects.filter(kind=drift.KIND).count() == 1


def test_reports_like_those_of_the_training_raise_no_alarm(promotion):
    for seed in range(4):
        file_reports(promotion, seed=seed)
        found = look()
        assert set(found.tests) == {"text", "prediction", "abstention"} and found.unsure == pytest.approx(0.1)
    assert DriftLook.objects.count() == 4 and not DriftAlarm.objects.exists()


def test_reports_about_something_else_raise_an_alarm_at_the_second_look(promotion):
    file_reports(promotion, words=PARCEL)
    first = look()
    assert first.tests["text"]["p"] <= 0.05 and not DriftAlarm.objects.exists()
    file_reports(promotion, seed=1, words=PARCEL)
    second = look()
    alarm = DriftAlarm.objects.get()
    assert (alarm.kind, alarm.look, alarm.state) == ("text", second, "open")
    assert {"parcel", "customs"} <= {word["word"] for word in second.words}
    assert len(second.unlike) == 20 and second.unlike[0][1] >= second.unlike[-1][1] > 0.4
    assert Job.objects.get(kind="tell_drift").object_id == second.pk
    assert "Texts" in drift.drift_alarm_open()


def test_other_categories_and_other_doubt_raise_alarms_of_their_own(promotion):
    for seed in range(2):
        file_reports(promotion, seed=seed, chances=(0.4, 0.45))
        look()
    assert set(DriftAlarm.objects.values_list("kind", flat=True)) == {"prediction", "abstention"}


def test_an_alarm_starts_no_training_and_touches_no_report(promotion):
    before = list(Incident.objects.order_by("pk").values_list("pk", "status", "current_label"))
    for seed in range(2):
        file_reports(promotion, seed=seed, words=PARCEL)
        look()
    assert list(Incident.objects.filter(pk__lte=before[-1][0]).order_by("pk").values_list(
        "pk", "status", "current_label"
    )) == before  # fmt: skip
    assert set(Job.objects.values_list("kind", flat=True)) == {drift.KIND, "tell_drift"}


def test_a_change_that_somebody_finds_all_right_is_told_no_second_time(promotion):
    admin = make_user(role="admin")
    for seed in range(2):
        file_reports(promotion, seed=seed, words=PARCEL)
        look()
    alarm = DriftAlarm.objects.get()
    drift.acknowledge(alarm, by=admin, note="A campaign, which we know of.")
    file_reports(promotion, seed=2, words=PARCEL)
    look()
    alarm = DriftAlarm.objects.get()
    assert (alarm.state, alarm.by, alarm.note) == ("acknowledged", admin, "A campaign, which we know of.")
    assert AuditEvent.objects.get(kind=drift.ACKNOWLEDGED).actor == admin and drift.drift_alarm_open() == ""
    with pytest.raises(drift.Settled):
        drift.acknowledge(alarm, by=admin, note="Again.")


def test_another_champion_supersedes_open_alarms(promotion):
    DriftAlarm.objects.create(kind="text", look=make_drift_look(promotion))
    type(promotion.version).objects.filter(pk=promotion.version_id).update(stage="previous")
    make_promotion(action="promote")
    drift.watch_reports()
    alarm = DriftAlarm.objects.get()
    assert alarm.state == "superseded" and alarm.settled_at and drift.drift_alarm_open() == ""


def test_reports_filed_before_the_promotion_are_in_no_window(promotion):
    file_reports(promotion, created_at=promotion.created_at - timedelta(minutes=1))
    assert drift.waiting(promotion) == 0 and look() is None


def test_what_another_version_said_is_in_no_window(promotion):
    other = make_version(snapshot=promotion.version.snapshot)
    for reading in file_reports(promotion, 10):
        make_prediction(reading.incident, other, [0.5, 0.5])
    assert drift.waiting(promotion) == 10


def test_a_report_that_is_read_again_counts_once(promotion):
    reading = file_reports(promotion, 1)[0]
    revision = reading.text_revision
    revision.pk, revision.number = None, 2
    revision.save()
    make_prediction(reading.incident, promotion.version, [0.9, 0.1], text_revision=revision)
    assert drift.waiting(promotion) == 1


def test_a_job_that_runs_twice_makes_one_look(promotion):
    file_reports(promotion, SIZE)
    look()
    file_reports(promotion, SIZE - 1, seed=1)
    Job.objects.filter(kind=drift.KIND).update(status="queued", attempts=0)
    drift.measure_drift(jobs.claim_job(Job.objects.get(kind=drift.KIND), worker="test"))
    assert DriftLook.objects.count() == 1


def test_too_few_reports_to_compare_with_leave_tests_out(promotion):
    DatasetRow.objects.all().delete()
    DriftReference.objects.update(path_ids=[], confidences=[])
    file_reports(promotion)
    found = look()
    assert found.tests == {} and found.words == [] and found.unlike == []


def test_a_window_leads_to_its_reports_until_they_are_erased(promotion):
    readings = file_reports(promotion)
    found = look()
    assert set(drift.window_of(found)) == set(readings)
    readings[0].delete()
    assert set(drift.window_of(found)) == set(readings[1:])


def test_what_a_real_champion_says_of_filed_reports_is_looked_at(champion):
    promotion = drift.in_charge()
    assert promotion.version == champion
    drift.watch_reports()
    drift_reference.read_reference(jobs.claim_job(Job.objects.get(kind=drift_reference.KIND), worker="test"))
    filed = [make_incident(title="", text=f"insult and the school case {number}") for number in range(SIZE)]
    asked = [jobs.enqueue("classify", one.pk, queue="inference", priority=Job.Priority.WEB) for one in filed]
    for job in asked:
        classify_batch(jobs.claim_job(job, worker="test"))
    found = look()
    assert (found.promotion, found.reports) == (promotion, SIZE)
    assert found.tests["text"]["p"] <= 0.01 and set(found.tests) == {"text"}  # nine test reports are too few
    assert {one for one, _distance in found.unlike} <= {one.pk for one in filed}
