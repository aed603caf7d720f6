"""A shadow on the line of the reports: it scores what the champion reads, and decides nothing."""

import datetime as dt
import shutil

import pytest
from django.utils import timezone

from classifier import registry
from classifier.models import ModelVersion, Prediction, ShadowPrediction
from classifier.services.classify import classify_batch
from classifier.services.promotion import promote
from classifier.services.shadow import end_old_shadow, score_in_shadow, set_shadow, shadow_report
from classifier.services.training import request_training
from incidents.models import AuditEvent, Incident, Setting
from incidents.shares import Share
from tests.builders import make_incident, make_label, make_path
from tests.classifier.services.conftest import WORDS, run_to_end
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
Stage = ModelVersion.Stage


@pytest.fixture
def shadow(champion: ModelVersion) -> ModelVersion:
    version = run_to_end(request_training(base_model="none", force=True)).version
    set_shadow(version, by=None)
    return version


def classify(*incidents: Incident) -> None:
    jobs.enqueue_many("classify", [one.pk for one in incidents], queue="inference", priority=0)
    classify_batch(jobs.claim("inference", worker="test", limits={"classify": Limit(batch=64)}))


def score() -> None:
    score_in_shadow(jobs.claim("inference", worker="test", limits={"shadow": Limit(batch=64)}))


def test_it_scores_what_the_champion_read_and_nobody_is_shown_it(champion: ModelVersion, shadow: ModelVersion) -> None:
    incident = make_incident(title="", text=WORDS[("Fraud", "Vishing")])
    classify(incident)
    score()
    said = ShadowPrediction.objects.get()
    assert (said.version, said.incident, said.path_ids) == (shadow, incident, Prediction.objects.get().path_ids)
    incident.refresh_from_db()
    assert incident.current_model == champion.name
    assert not Prediction.objects.filter(version=shadow).exists()


def test_its_work_comes_after_everything_else_and_a_text_is_scored_once(shadow: ModelVersion) -> None:
    incident = make_incident(title="", text="caller bank code")
    classify(incident)
    assert Job.objects.get(kind="shadow").priority == Job.Priority.BACKFILL
    score()
    jobs.enqueue("shadow", incident.pk, queue="inference", priority=3)
    score()
    assert ShadowPrediction.objects.count() == 1


def test_without_a_shadow_nothing_is_asked_for(champion: ModelVersion) -> None:
    classify(make_incident(title="", text="caller bank code"))
    assert not Job.objects.filter(kind="shadow").exists()


def test_one_that_ended_meanwhile_leaves_nothing(shadow: ModelVersion) -> None:
    classify(make_incident(title="", text="caller bank code"))
    ModelVersion.objects.filter(pk=shadow.pk).update(stage=Stage.CHALLENGER)
    score()
    assert not ShadowPrediction.objects.exists() and Job.objects.get(kind="shadow").status == "done"


def test_one_whose_files_are_gone_ends_and_says_why(shadow: ModelVersion) -> None:
    classify(make_incident(title="", text="caller bank code"))
    shutil.rmtree(shadow.artefact)
    registry._loaded.clear()
    score()
    shadow.refresh_from_db()
    assert shadow.stage == Stage.CHALLENGER
    assert AuditEvent.objects.get(kind="model.shadow_ended").detail["reason"]


def test_it_ends_by_itself_after_its_days(shadow: ModelVersion) -> None:
    end_old_shadow()
    shadow.refresh_from_db()
    assert shadow.stage == Stage.SHADOW
    ModelVersion.objects.filter(pk=shadow.pk).update(shadow_since=timezone.now() - dt.timedelta(days=15))
    Setting.objects.create(key="shadow_days", value=0)
    end_old_shadow()
    shadow.refresh_from_db()
    assert shadow.stage == Stage.SHADOW, "0: when somebody ends it"
    Setting.objects.create(key="shadow_days", value=14)
    end_old_shadow()
    shadow.refresh_from_db()
    assert (shadow.stage, shadow.shadow_since) == (Stage.CHALLENGER, None)


def test_the_report_tells_fair_comparisons_from_those_that_favour_the_champion(
    champion: ModelVersion, shadow: ModelVersion
) -> None:
    assert shadow_report(shadow) is None
    incidents = [make_incident(title="", text=f"{WORDS[('Fraud', 'Vishing')]} {n}") for n in range(4)]
    classify(*incidents)
    score()
    other = make_path("Attack", "Malware")
    moved = ShadowPrediction.objects.filter(incident=incidents[0])
    moved.update(path_ids=[other.pk])
    for incident, path, blind in ((incidents[0], other, True), (incidents[1], make_path("Fraud", "Vishing"), False)):
        incident.current_label = make_label(incident, paths=[path], blind=blind)
        incident.save()
    report = shadow_report(shadow)
    assert (report.texts, report.alike) == (4, Share(3, 4))
    assert (report.right, report.champion_right) == (Share(2, 2), Share(1, 2))
    assert (report.blind_right, report.blind_champion_right) == (Share(1, 1), Share(0, 1))


def test_a_promoted_shadow_says_what_it_says_aloud(shadow: ModelVersion) -> None:
    incident = make_incident(title="", text="caller bank code")
    classify(incident)
    score()
    promote(shadow, by=None)
    shadow.refresh_from_db()
    assert (shadow.stage, shadow.shadow_since) == (Stage.CHAMPION, None)
    classify_batch(jobs.claim("inference", worker="test", limits={"classify": Limit(batch=64)}))
    assert Prediction.objects.filter(version=shadow, incident=incident).exists()
