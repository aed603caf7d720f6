"""What windows of reports are compared with."""

import pytest

from classifier import registry
from classifier.models import DriftReference
from classifier.services import drift_reference, slices
from incidents.models import Incident, TextRevision
from tests.builders import make_path, make_version
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db


def read(version):
    drift_reference.request_reference(version)
    job = Job.objects.get(kind=drift_reference.KIND, object_id=version.pk)
    drift_reference.read_reference(jobs.claim_job(job, worker="test"))
    return DriftReference.objects.get(version=version)


def test_the_champions_answers_on_its_test_reports_are_kept(champion):
    reference = read(champion)
    texts = TextRevision.objects.filter(dataset_rows__snapshot=champion.snapshot, incident__split="test").order_by("pk")
    said = registry.load(champion).classify_batch([one.text for one in texts])
    assert len(reference.confidences) == 9 == len(reference.path_ids)
    assert reference.confidences == pytest.approx([one.confidence for one in said], abs=1e-6)
    assert reference.path_ids == [[champion.snapshot.path_ids[path] for path in one.decided] for one in said]


def test_a_slice_gives_way_to_reports_that_wait_and_goes_on_later(champion, monkeypatch):
    monkeypatch.setattr(drift_reference, "CHUNK", 4)
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    drift_reference.request_reference(champion)
    job = Job.objects.get(kind=drift_reference.KIND)
    urgent = jobs.enqueue("classify", 1, queue="inference", priority=Job.Priority.WEB)
    drift_reference.read_reference(jobs.claim_job(job, worker="test"))
    job.refresh_from_db()
    assert job.status == "queued" and not DriftReference.objects.exists()
    urgent.delete()
    drift_reference.read_reference(jobs.claim_job(job, worker="test"))
    assert len(DriftReference.objects.get().confidences) == 9


def test_a_job_that_runs_twice_keeps_the_first_answers(champion):
    reference = read(champion)
    Job.objects.filter(kind=drift_reference.KIND).update(status="queued", attempts=0, progress={})
    assert read(champion).pk == reference.pk


def test_a_job_is_asked_for_once(champion):
    drift_reference.request_reference(champion)
    drift_reference.request_reference(champion)
    assert Job.objects.filter(kind=drift_reference.KIND).count() == 1


def test_known_texts_are_training_reports(champion):
    known = drift_reference.known_texts(champion.snapshot)
    trained = Incident.objects.filter(split="train").values_list("current_text__text", flat=True)
    assert sorted(known) == sorted(trained)


def test_too_few_test_reports_are_no_reference():
    version, path = make_version(), make_path("Fraud")
    few = DriftReference.objects.create(version=version, path_ids=[[path.pk]] * 49, confidences=[0.9] * 49)
    assert drift_reference.usual_answers(few, 0.5) is None


def test_answers_are_named_and_judged_as_of_today():
    version, path, other = make_version(), make_path("Fraud", "Vishing"), make_path("Abuse")
    reference = DriftReference.objects.create(
        version=version, path_ids=[[path.pk]] * 30 + [[other.pk, path.pk]] * 30, confidences=[0.9] * 30 + [0.6] * 30
    )
    found = drift_reference.usual_answers(reference, 0.7)
    assert found.categories == ["Fraud"] * 30 + ["Abuse or Fraud"] * 30
    assert found.unsure.tolist() == [False] * 30 + [True] * 30
