from dataclasses import replace

import numpy as np
import pytest

from classifier import registry
from classifier.ml.artifact import ArtifactCorrupt, ArtifactIncompatible
from classifier.ml.hybrid import HybridModel
from classifier.models import Prediction
from classifier.services.classify import ChampionUnusable, classify_batch
from classifier.services.evaluation import measure_on_test
from classifier.services.priority import Priorities
from classifier.services.promotion import PromotionRefused, promote, rollback
from classifier.services.reading import (
    RankedPath,
    known_paths,
    latest_prediction,
    prediction_state,
    ranked_categories,
    ranked_paths,
    retry_classification,
)
from classifier.services.training import request_training
from incidents.models import Incident, Path, Setting, TaxonomyStep
from incidents.services.filing import FiledReport, file_incident
from incidents.services.taxonomy import current_version
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_path
from tests.classifier.services.conftest import run_to_end
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
VISHING = FiledReport(title="", text="A caller from the bank asked for the otp code by phone and took rupees.")


def work():
    """Do all classify jobs that wait, as a worker does."""
    while batch := jobs.claim("inference", worker="test", limits={"classify": Limit(batch=64)}):
        classify_batch(batch)


@pytest.fixture
def classified(champion):
    incident = file_incident(VISHING, source="web").incident
    work()
    incident.refresh_from_db()
    return incident


def test_a_report_is_classified_with_a_distribution_that_sums_to_one(classified, champion):
    prediction = latest_prediction(classified)
    assert prediction.version == champion
    chances = np.frombuffer(prediction.distribution, np.float16).astype(float)
    assert chances.shape == (3,)
    assert abs(chances.sum() - 1) < 2e-3
    assert (classified.status, classified.current_category) == (Incident.Status.CLASSIFIED, "Fraud")
    assert classified.current_sub_category == "Vishing"
    assert classified.current_model == champion.name
    assert prediction.embedding.encoder_hash == champion.encoder_hash


def test_a_process_loads_the_model_once_for_all_its_batches(champion, monkeypatch):
    registry._loaded.clear()
    loaded, load = [], HybridModel.load
    monkeypatch.setattr(HybridModel, "load", lambda *given, **named: loaded.append(given) or load(*given, **named))
    for number in range(3):
        file_incident(replace(VISHING, text=f"{VISHING.text} Again, {number}."), source="web")
        work()
    assert len(loaded) == 1
    assert Prediction.objects.count() == 3


def test_ranked_paths_come_most_probable_first_with_the_decided_marked(classified):
    prediction = latest_prediction(classified)
    ranked = ranked_paths(prediction, known_paths([prediction]))
    assert [one.probability for one in ranked] == sorted((one.probability for one in ranked), reverse=True)
    assert ranked[0].path.key == "Fraud / Vishing"
    assert ranked[0].decided


def test_a_category_has_the_probability_of_all_paths_that_imply_it():
    both, one = make_path(["Fraud", "Theft"], "Card"), make_path("Fraud", "Loan")
    ranked = [RankedPath(both, 0.6, True), RankedPath(one, 0.3, False), RankedPath(make_path("Abuse"), 0.1, False)]
    sums = {category.name: round(category.probability, 6) for category in ranked_categories(ranked)}
    assert sums == {"Fraud": 0.9, "Theft": 0.6, "Abuse": 0.1}


def test_a_text_is_predicted_once_per_version_however_often_the_job_runs(classified):
    jobs.enqueue("classify", classified.pk, queue="inference", priority=0)
    work()
    assert Prediction.objects.filter(incident=classified).count() == 1
    assert not Job.objects.filter(kind="classify").exclude(status="done").exists()


def test_without_a_champion_the_jobs_end_and_the_report_stays_new(db):
    incident = file_incident(VISHING, source="web").incident
    work()
    incident.refresh_from_db()
    assert incident.status == Incident.Status.NEW
    assert Job.objects.get(kind="classify").status == Job.Status.DONE
    assert prediction_state(incident, latest_prediction(incident)) == "none"


def test_a_report_that_somebody_holds_keeps_its_status(champion):
    incident = file_incident(VISHING, source="web").incident
    Incident.objects.filter(pk=incident.pk).update(status=Incident.Status.IN_REVIEW)
    work()
    incident.refresh_from_db()
    assert incident.status == Incident.Status.IN_REVIEW
    assert incident.current_category == "Fraud"


def test_the_threshold_of_the_moment_stands_with_the_prediction(champion):
    Setting.objects.create(key="error_cost", value=100.0)
    incident = file_incident(FiledReport(title="", text="Something else happened."), source="web").incident
    work()
    prediction = latest_prediction(incident)
    assert prediction.unsure
    assert prediction.threshold == 0.99


def test_a_prediction_names_its_possible_labels_and_how_sure_the_category_is(classified, champion):
    prediction = latest_prediction(classified)
    assert prediction.candidate_ids[0] == prediction.path_ids[0]
    assert set(prediction.candidate_ids) <= set(champion.snapshot.path_ids)
    assert prediction.coverage == 0.9
    assert 0 < prediction.category_confidence < 1
    assert not prediction.only_category


def test_a_greater_promise_takes_more_labels(champion):
    Setting.objects.create(key="coverage", value=0.99)
    work_on = file_incident(VISHING, source="web").incident
    work()
    assert len(latest_prediction(work_on).candidate_ids) == len(champion.snapshot.path_ids)  # too few to promise that


def test_the_state_of_a_prediction_is_told(classified, champion):
    assert prediction_state(classified, latest_prediction(classified)) == "ready"
    waiting = file_incident(FiledReport(title="", text="Another one."), source="web").incident
    assert prediction_state(waiting, latest_prediction(waiting)) == "queued"
    Job.objects.filter(object_id=waiting.pk).update(status="failed")
    assert prediction_state(waiting, latest_prediction(waiting)) == "failed"
    retry_classification(waiting)
    assert prediction_state(waiting, latest_prediction(waiting)) == "queued"


def test_a_promotion_has_waiting_reports_predicted_again_by_the_new_champion(classified, champion):
    challenger = run_to_end(request_training(base_model="none", force=True)).version
    promote(challenger, by=None)
    assert prediction_state(classified, latest_prediction(classified)) == "older_model"
    work()
    classified.refresh_from_db()
    assert classified.current_model == challenger.name
    assert Prediction.objects.filter(incident=classified).count() == 2


def test_a_rollback_lets_the_word_of_the_restored_champion_stand_again(classified, champion):
    challenger = run_to_end(request_training(base_model="none", force=True)).version
    promote(challenger, by=None)
    work()
    rollback(by=None)
    assert latest_prediction(classified).version == champion
    work()
    classified.refresh_from_db()
    assert classified.current_model == champion.name
    assert Prediction.objects.filter(incident=classified).count() == 2


def test_a_failed_job_is_taken_up_again_by_a_retry(champion):
    incident = file_incident(VISHING, source="web").incident
    failed = Job.objects.get(object_id=incident.pk, kind="classify")
    Job.objects.filter(pk=failed.pk).update(status="failed", attempts=3)
    retry_classification(incident)
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == ("queued", 0)
    assert Job.objects.filter(object_id=incident.pk, kind="classify").count() == 1


def test_priority_is_uncertainty_plus_weighted_anomaly():
    assert Priorities(anomaly_weight=0.25, random_share=0.0).of(1, 0.6, 80.0) == pytest.approx(0.4 + 0.2)
    assert Priorities(anomaly_weight=0.25, random_share=0.0).of(1, 0.6, None) == pytest.approx(0.4)


def test_a_random_share_is_ranked_by_chance_the_same_each_time():
    by_chance = Priorities(anomaly_weight=0.25, random_share=1.0)
    drawn = {number: by_chance.of(number, 0.6, 80.0) for number in range(200)}
    assert len(set(drawn.values())) > 190
    assert all(0 <= value <= 1.25 for value in drawn.values())
    assert drawn[7] == by_chance.of(7, 0.1, None)


def step(kind, label="", **more):
    return take(Wish(kind, label, **more), by=None)


def test_a_champion_goes_on_after_a_merge_and_the_merged_label_gets_the_sum(champion):
    before = [
        file_incident(replace(VISHING, text=f"{VISHING.text} {number}"), source="web").incident for number in "12"
    ]
    work()
    keys = {path.pk: path.key for path in Path.objects.all()}
    own = np.frombuffer(bytes(latest_prediction(before[0]).distribution), np.float16).astype(float)
    by_key = dict(zip((keys[pk] for pk in champion.snapshot.path_ids), own, strict=True))
    first, second = sorted(by_key, key=by_key.get)[-2:]
    step("merge", first, into=second)
    after = file_incident(replace(VISHING, text=f"{VISHING.text} 1 again"), source="web").incident
    work()
    prediction = latest_prediction(after)
    assert len(prediction.distribution) == 2 * len(champion.snapshot.path_ids), "stored in the version's own order"
    ranked = ranked_paths(prediction, known_paths([prediction]))
    assert len(ranked) == len(champion.snapshot.path_ids) - 1
    own = np.frombuffer(bytes(prediction.distribution), np.float16).astype(float)
    own = dict(zip((keys[pk] for pk in champion.snapshot.path_ids), own, strict=True))
    chance = {one.path.key: one.probability for one in ranked}
    assert chance[second] == pytest.approx(own[first] + own[second], abs=1e-3)
    assert sum(chance.values()) == pytest.approx(1, abs=1e-3)
    assert prediction.taxonomy_version == current_version()
    assert {one.path.key for one in ranked if one.decided} == {
        Path.objects.get(pk=pk).key for pk in prediction.path_ids
    }


def test_a_new_name_is_what_the_champion_says_from_then_on(champion):
    step("rename", "Fraud / Vishing", name="Voice phishing")
    incident = file_incident(VISHING, source="web").incident
    work()
    incident.refresh_from_db()
    assert (incident.current_category, incident.current_sub_category) == ("Fraud", "Voice phishing")
    assert registry.present(champion).path_ids == champion.snapshot.path_ids


def test_a_step_taken_while_the_model_is_at_work_is_what_the_list_shows(champion, monkeypatch):
    incident = file_incident(VISHING, source="web").incident
    classify = HybridModel.classify_batch

    def meanwhile(self, texts):
        if not TaxonomyStep.objects.exists():
            step("rename", "Fraud / Vishing", name="Voice phishing")
        return classify(self, texts)

    monkeypatch.setattr(HybridModel, "classify_batch", meanwhile)
    work()
    incident.refresh_from_db()
    assert incident.current_sub_category == "Voice phishing"


def test_a_model_whose_labels_are_all_retired_says_so(champion):
    Path.objects.filter(pk__in=champion.snapshot.path_ids).update(state="retired")
    with pytest.raises(ArtifactIncompatible, match="every label that this version knows was retired"):
        registry.load(champion)


def test_a_version_is_measured_in_the_taxonomy_of_today(champion):
    figures = measure_on_test(registry.load(champion), champion.snapshot).figures["served"]
    step("rename", "Fraud / Vishing", name="Voice phishing")
    assert (
        measure_on_test(registry.load(champion), champion.snapshot).figures["served"]["exact_set"]
        == figures["exact_set"]
    )
    names = [path.key for path in Path.objects.filter(pk__in=champion.snapshot.path_ids)]
    step("merge", names[0], into=names[1])
    merged = measure_on_test(registry.load(champion), champion.snapshot).figures["served"]
    assert merged["exact_set"] >= figures["exact_set"]
    assert merged["n"] == figures["n"]


def test_a_champion_that_cannot_be_read_fails_no_report_and_is_told_until_it_can(champion):
    place, kept = champion.artefact / "hybrid.json", (champion.artefact / "hybrid.json").read_bytes()
    registry._loaded.clear()
    place.write_bytes(b"{}")
    incident = file_incident(VISHING, source="web").incident
    with pytest.raises(ChampionUnusable, match="restore the version from a backup"):
        work()
    champion.refresh_from_db()
    assert champion.artefact_is_lost and "not those its manifest lists" in champion.artefact_error
    Job.objects.update(status="queued", attempts=0, token="", lease_until=None)
    place.write_bytes(kept)
    work()
    champion.refresh_from_db()
    assert not champion.artefact_error and Prediction.objects.filter(incident=incident).exists()


def test_a_version_that_could_not_be_loaded_may_be_gone_back_to_once_its_files_are_restored(champion):
    place, kept = champion.artefact / "hybrid.json", (champion.artefact / "hybrid.json").read_bytes()
    newer = run_to_end(request_training(base_model="none", force=True)).version
    promote(newer, by=None)
    place.write_bytes(b"{}")
    registry._loaded.clear()
    champion.refresh_from_db()
    with pytest.raises(ArtifactCorrupt):
        registry.load(champion)
    with pytest.raises(PromotionRefused, match="not those its manifest lists"):
        rollback(by=None)
    place.write_bytes(kept)
    assert rollback(by=None).version == champion
