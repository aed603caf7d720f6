import shutil

import numpy as np
import pytest

from classifier.ml.anomaly import AnomalyModel
from classifier.models import AnomalySet, Embedding
from classifier.services.anomaly import _forests, build_anomaly_set, serving_set
from classifier.services.promotion import promote, rollback
from classifier.services.training import request_training
from classifier.store import models_folder
from incidents.models import Incident
from incidents.services.filing import file_incident
from tests.classifier.services.conftest import decide_reports, run_to_end
from tests.classifier.services.test_classify import VISHING, work
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db


def build():
    batch = jobs.claim("inference", worker="test", limits={"embed": Limit()})
    build_anomaly_set(batch)


def test_a_set_embeds_the_earlier_reports_and_then_serves(champion):
    build()
    serving = serving_set()
    assert (serving.version, serving.embedded) == (champion, 90)
    vector = np.frombuffer(Embedding.objects.first().vector, np.float16).astype(float)
    assert abs(np.linalg.norm(vector) - 1) < 1e-2
    assert Job.objects.get(kind="embed").status == Job.Status.DONE


def test_new_reports_get_a_percentile_among_the_earlier_ones(champion):
    build()
    incident = file_incident(VISHING, source="web").incident
    work()
    incident.refresh_from_db()
    assert 0 <= incident.current_anomaly <= 100
    assert incident.predictions.get().anomaly == incident.current_anomaly


def test_reports_that_waited_for_the_set_get_their_percentile_and_place(champion):
    incident = file_incident(VISHING, source="web").incident
    work()
    before = Incident.objects.get(pk=incident.pk)
    assert before.current_anomaly is None
    build()
    after = Incident.objects.get(pk=incident.pk)
    assert after.current_anomaly is not None
    assert after.review_priority >= before.review_priority


def test_without_a_serving_set_nothing_is_said(champion):
    incident = file_incident(VISHING, source="web").incident
    work()
    incident.refresh_from_db()
    assert incident.current_anomaly is None


def test_the_old_set_serves_with_its_own_encoder_until_the_new_one_is_whole(champion):
    build()
    decide_reports(30, start=300)
    challenger = run_to_end(request_training(base_model="none")).version
    promote(challenger, by=None)
    assert challenger.encoder_hash != champion.encoder_hash
    incident = file_incident(VISHING, source="web").incident
    work()
    incident.refresh_from_db()
    assert incident.current_anomaly is not None
    assert serving_set().version == champion
    build()
    assert serving_set().version == challenger
    assert AnomalySet.objects.get(version=champion).status == AnomalySet.Status.RETIRED


def test_too_few_reports_to_compare_with_end_without_a_set(champion, monkeypatch):
    monkeypatch.setattr("classifier.services.anomaly.MINIMUM", 10_000)
    build()
    assert serving_set() is None
    assert AnomalySet.objects.get().status == AnomalySet.Status.RETIRED


def test_a_slice_gives_way_to_reports_that_wait_and_goes_on_later(champion, monkeypatch):
    monkeypatch.setattr("classifier.services.slices.SLICE_SECONDS", 0.0)
    file_incident(VISHING, source="web")
    build()
    assert serving_set() is None
    job = Job.objects.get(kind="embed")
    assert (job.status, job.attempts) == (Job.Status.QUEUED, 0)
    assert AnomalySet.objects.get().embedded == 64
    work()
    build()
    assert serving_set() is not None


def test_a_rollback_calls_off_the_set_that_is_still_being_built(champion):
    build()
    decide_reports(30, start=300)
    challenger = run_to_end(request_training(base_model="none")).version
    promote(challenger, by=None)
    rollback(by=None)
    assert AnomalySet.objects.get(version=challenger).status == AnomalySet.Status.RETIRED
    build()
    assert serving_set().version == champion


def test_a_set_that_was_called_off_while_it_was_built_does_not_serve(champion, monkeypatch):
    real = AnomalyModel.fit

    def fit_while_somebody_rolls_back(*arguments):
        AnomalySet.objects.filter(status="building").update(status="retired")
        return real(*arguments)

    incident = file_incident(VISHING, source="web").incident
    work()
    monkeypatch.setattr("classifier.services.anomaly.AnomalyModel.fit", fit_while_somebody_rolls_back)
    build()
    assert serving_set() is None
    incident.refresh_from_db()
    assert incident.current_anomaly is None


def test_a_forest_that_is_gone_does_not_stop_classification(champion):
    build()
    shutil.rmtree(models_folder() / serving_set().folder)
    incident = file_incident(VISHING, source="web").incident
    _forests.clear()
    work()
    incident.refresh_from_db()
    assert incident.current_model == champion.name
    assert incident.current_anomaly is None
