"""From the request for a measurement to the variant that workers serve."""

import numpy as np
import pytest
import torch

from classifier import registry
from classifier.ml.artifact import ArtifactMissing
from classifier.ml.expert import Decider
from classifier.ml.hybrid import HybridModel
from classifier.ml.quantization import is_quantized
from classifier.ml.results import Classification
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import Taxonomy
from classifier.ml.variant import VariantMeasure
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from classifier.models import AnomalySet, ModelVersion
from classifier.services import int8
from classifier.services.promotion import promote, rollback
from classifier.services.serving import precision_on_cpu
from classifier.services.snapshot import freeze, label_paths
from classifier.services.unseen import unseen_texts
from incidents.models import Setting
from incidents.services.settings import set_policies, set_policy
from tests.builders import make_incident, make_taxonomy_version, make_user, make_version
from tests.classifier.ml.tiny_t5 import tiny_t5
from tests.classifier.services.conftest import decide_reports
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
GOOD = VariantMeasure(n=400, agreement=0.995, largest_change=0.02, lowest_cosine=0.999, speedup=1.5)


@pytest.fixture
def version(home):
    """A T5 alone, of tiny size and random weights, on a snapshot of decided reports."""
    incidents = decide_reports(60)
    make_taxonomy_version()
    snapshot = freeze()
    texts = [incident.current_text.text for incident in incidents]
    tokenizer = Tokenizer(train_vocabulary(texts, 300), "", 64)
    model = tiny_t5(tied=False, vocabulary=len(tokenizer))
    paths = label_paths(snapshot.path_ids)
    t5 = T5Classifier(model, False, tokenizer, [(5 + number,) for number in range(len(paths))])
    hybrid = HybridModel(Taxonomy(paths), "small-scratch", Decider(), t5=t5, weight=1.0)
    version = make_version(snapshot=snapshot, encoder_hash=hybrid.encoder_hash, folder="tiny")
    hybrid.save(version.artefact, dataset_hash="x", code_version="x", metrics={})
    registry._loaded.clear()
    return version


def switch(on):
    set_policy("int8_on_cpu", on, by=make_user(role="admin"))


def measured_as(version, **figures):
    version.int8 = {**GOOD.to_json(), **figures}
    version.save(update_fields=["int8"])
    return version


def serves_int8(version):
    return is_quantized(registry.load(ModelVersion.objects.get(pk=version.pk)).t5.model)


def enqueue(version):
    return jobs.enqueue("measure_int8", version.pk, queue="inference", priority=Job.Priority.BACKFILL)


def measure():
    batch = jobs.claim("inference", worker="test", limits={"measure_int8": Limit()})
    int8.measure_int8(batch)
    return batch


def asked():
    return Job.objects.filter(kind="measure_int8")


def test_below_99_percent_float32_is_served(version):
    switch(True)
    measured_as(version, agreement=0.9875)
    assert not serves_int8(version)
    assert "98.75% of 400 reports decided alike" in precision_on_cpu(version)


def test_from_99_percent_int8_is_served_where_an_admin_wants_it(version):
    measured_as(version, agreement=0.99)
    assert not serves_int8(version)
    assert precision_on_cpu(version).startswith("float32: int8 is switched off")
    switch(True)
    assert serves_int8(version)
    assert precision_on_cpu(version).startswith("int8: 99.00% of 400 test and undecided reports")


def test_unmeasured_float32_is_served(version):
    switch(True)
    assert not serves_int8(version)
    assert precision_on_cpu(version) == "float32: int8 has not been measured"


def test_workers_switch_at_their_next_load_and_keep_one_form_only(version):
    measured_as(version)
    before = registry.load(version)
    switch(True)
    assert registry.load(version) is not before
    assert registry.load(version) is registry.load(version)
    assert [one.int8 for one in registry._loaded.values()] == [True]
    switch(False)
    assert not serves_int8(version)
    assert len(registry._loaded) == 1


def test_vectors_of_both_forms_live_in_one_space(version):
    measured_as(version)
    plain = registry.load(version)
    switch(True)
    assert registry.load(version).encoder_hash == plain.encoder_hash == version.encoder_hash


def test_a_promotion_has_the_variant_measured_on_unseen_reports(version):
    promote(version, by=None)
    undecided = make_incident(title="", text="A stranger asks for pictures.")
    batch = measure()
    version.refresh_from_db()
    assert batch.jobs[0].kind == "measure_int8"
    assert set(version.int8) == {"n", "agreement", "largest_change", "lowest_cosine", "speedup", "passed"}
    assert version.int8["n"] == version.snapshot.rows.filter(split="test").count() + 1
    assert undecided.current_text_id in unseen_texts(version.snapshot)
    assert version.int8["agreement"] >= 0.9
    assert 0 < version.int8["largest_change"] < 0.2
    assert not version.int8["passed"]  # too few reports
    assert precision_on_cpu(version).startswith("float32: int8 is not near enough, measured on")


def test_labels_that_are_relied_on_in_one_form_only_are_no_agreement(version):
    probabilities, index = np.array([0.6, 0.3, 0.1], np.float32), 0
    sure, unsure = (Classification(probabilities, (index,), confidence) for confidence in (0.91, 0.89))
    at_half = int8.decision(version)
    assert at_half(sure) == at_half(unsure)
    set_policy("error_cost", 10, by=make_user(role="admin"))
    at_nine_tenths = int8.decision(version)
    assert at_nine_tenths(sure) != at_nine_tenths(unsure)


def test_a_slice_gives_way_to_reports_that_wait_and_goes_on_later(version, monkeypatch):
    enqueue(version)
    measure()
    whole = ModelVersion.objects.get(pk=version.pk).int8
    ModelVersion.objects.update(int8=None)
    monkeypatch.setattr(int8, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(int8, "CHUNK", 3)
    job = enqueue(version)
    waiting = jobs.enqueue("classify", 1, queue="inference", priority=Job.Priority.WEB)
    measure()
    job.refresh_from_db()
    assert (job.status, job.attempts) == (Job.Status.QUEUED, 0)
    assert len(job.progress["left"]) == whole["n"] - 3
    assert ModelVersion.objects.get(pk=version.pk).int8 is None
    waiting.delete()
    measure()
    in_slices = ModelVersion.objects.get(pk=version.pk).int8
    assert in_slices == pytest.approx({**whole, "speedup": in_slices["speedup"]}, abs=1e-4)
    job.refresh_from_db()
    assert job.status == Job.Status.DONE


def test_a_version_that_is_measured_on_enough_reports_is_not_measured_again(version):
    enqueue(measured_as(version))
    assert measure().jobs[0].kind == "measure_int8"
    assert ModelVersion.objects.get(pk=version.pk).int8 == GOOD.to_json()
    assert asked().get().status == "done"


def test_who_lost_the_lease_writes_nothing(version):
    enqueue(version)
    batch = jobs.claim("inference", worker="test", limits={"measure_int8": Limit()})
    Job.objects.update(token="somebody else's")
    with pytest.raises(jobs.LeaseLost):
        int8.measure_int8(batch)
    assert ModelVersion.objects.get(pk=version.pk).int8 is None


def test_an_artefact_that_is_gone_is_said_and_nothing_is_stored(version):
    version.folder = "gone"
    version.save(update_fields=["folder"])
    enqueue(version)
    with pytest.raises(ArtifactMissing):
        measure()
    assert ModelVersion.objects.get(pk=version.pk).int8 is None


def test_switching_it_on_asks_for_a_measurement_of_the_champion_once_enough_is_not_known(version):
    promote(version, by=None)
    asked().delete()
    switch(False)
    assert not asked().exists()
    switch(True)
    assert [job.object_id for job in asked()] == [version.pk]
    asked().delete()
    measured_as(version)
    switch(True)
    assert not asked().exists()


def test_without_a_champion_or_with_another_setting_nothing_is_asked(version):
    switch(True)
    set_policies({"anonymous_filing": False}, by=make_user(role="admin"))
    assert Setting.objects.count() == 2
    assert not asked().exists()


def test_a_rollback_to_a_measured_version_asks_for_nothing(version):
    other = make_version(snapshot=version.snapshot, encoder_hash=version.encoder_hash, folder=version.folder)
    promote(measured_as(version), by=None)
    promote(other, by=None)
    AnomalySet.objects.all().delete()
    asked().delete()
    rollback(by=make_user(role="admin"))
    assert not asked().exists()


def test_a_linear_version_has_one_form_only(champion):
    assert not asked().exists()
    enqueue(champion)
    measure()
    assert ModelVersion.objects.get(pk=champion.pk).int8 is None
    assert precision_on_cpu(champion) == ""


def test_the_served_int8_model_classifies(version):
    measured_as(version)
    switch(True)
    (result,) = registry.load(version).classify_batch(["the caller asked for a code"])
    assert torch.is_inference_mode_enabled() is False
    assert result.probabilities.sum() == pytest.approx(1, abs=1e-5)
