"""From the request for a measurement to the variant that workers serve."""

import numpy as np
import pytest
import torch

from classifier import registry
from classifier.ml import variant
from classifier.ml.artifact import ArtifactMissing
from classifier.ml.expert import Decider
from classifier.ml.hybrid import HybridModel
from classifier.ml.quantization import is_quantized
from classifier.ml.results import Classification
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import Taxonomy
from classifier.ml.variant import VariantMeasure
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from classifier.models import ModelVersion
from classifier.services import asking, int8, serving, slices
from classifier.services.promotion import promote
from classifier.services.serving import precision_on_cpu
from classifier.services.snapshot import freeze, label_paths
from classifier.services.unseen import unseen_texts
from incidents.services.settings import set_policy
from tests.builders import make_incident, make_taxonomy_version, make_user, make_version
from tests.classifier.ml.tiny_t5 import tiny_t5
from tests.classifier.services.conftest import decide_reports
from workers import jobs
from workers.jobs import Limit
from workers.models import Job
from workers.sweeper import HOOKS

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


@pytest.fixture
def six_are_enough(monkeypatch):
    for module in (asking, serving, variant):
        monkeypatch.setattr(module, "ENOUGH", 6)


def sweep():
    for hook in HOOKS:
        hook()


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
    reports = len(unseen_texts(version.snapshot))
    assert precision_on_cpu(version) == f"float32: int8 is not measured: {reports} of 200 test and undecided reports"


def test_with_reports_enough_the_page_says_what_keeps_a_version_from_being_measured(version, six_are_enough):
    assert precision_on_cpu(version) == "float32: int8 is switched off in the settings, and not measured"
    switch(True)
    assert precision_on_cpu(version) == "float32: int8 is not measured, which is done once the version is in charge"
    promote(version, by=None)
    assert precision_on_cpu(version) == "float32: int8 is not measured yet"


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


def test_a_champion_is_measured_on_unseen_reports(version):
    switch(True)
    undecided = make_incident(title="", text="A stranger asks for pictures.")
    enqueue(version)
    measure()
    version.refresh_from_db()
    assert set(version.int8) == {"n", "agreement", "largest_change", "lowest_cosine", "speedup", "passed"}
    assert version.int8["n"] == version.snapshot.rows.filter(split="test").count() + 1
    assert undecided.current_text_id in unseen_texts(version.snapshot)
    assert version.int8["agreement"] >= 0.8
    assert 0 < version.int8["largest_change"] < 0.2
    assert not version.int8["passed"]  # too few reports


def test_labels_that_are_relied_on_in_one_form_only_are_no_agreement(version):
    probabilities, index = np.array([0.6, 0.3, 0.1], np.float32), 0
    sure, unsure = (Classification(probabilities, (index,), confidence) for confidence in (0.91, 0.89))
    at_half = int8.decision(version)
    assert at_half(sure) == at_half(unsure)
    set_policy("error_cost", 10, by=make_user(role="admin"))
    at_nine_tenths = int8.decision(version)
    assert at_nine_tenths(sure) != at_nine_tenths(unsure)


def test_a_slice_gives_way_to_reports_that_wait_and_goes_on_later(version, monkeypatch):
    switch(True)
    enqueue(version)
    measure()
    whole = ModelVersion.objects.get(pk=version.pk).int8
    ModelVersion.objects.update(int8=None)
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.0)
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
    switch(True)
    enqueue(measured_as(version))
    assert measure().jobs[0].kind == "measure_int8"
    assert ModelVersion.objects.get(pk=version.pk).int8 == GOOD.to_json()
    assert asked().get().status == "done"


def test_who_lost_the_lease_writes_nothing(version):
    switch(True)
    enqueue(version)
    batch = jobs.claim("inference", worker="test", limits={"measure_int8": Limit()})
    Job.objects.update(token="somebody else's")
    with pytest.raises(jobs.LeaseLost):
        int8.measure_int8(batch)
    assert ModelVersion.objects.get(pk=version.pk).int8 is None


def test_an_artefact_that_is_gone_is_said_and_nothing_is_stored(version):
    switch(True)
    version.folder = "gone"
    version.save(update_fields=["folder"])
    enqueue(version)
    with pytest.raises(ArtifactMissing):
        measure()
    assert ModelVersion.objects.get(pk=version.pk).int8 is None


def test_a_champion_is_asked_about_once_while_the_setting_is_on(version, six_are_enough):
    promote(version, by=None)
    sweep()
    assert not asked().exists()
    switch(True)
    sweep()
    sweep()
    assert [job.object_id for job in asked()] == [version.pk]
    measure()
    sweep()
    assert asked().get().status == "done"


def test_too_few_reports_are_measured_once_there_are_enough(version, monkeypatch):
    six = len(unseen_texts(version.snapshot))
    monkeypatch.setattr(asking, "ENOUGH", six + 1)
    switch(True)
    promote(version, by=None)
    sweep()
    assert not asked().exists()
    make_incident()
    sweep()
    assert asked().count() == 1


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_what_failed_or_was_called_off_is_not_asked_for_again(version, six_are_enough, status):
    switch(True)
    promote(version, by=None)
    enqueue(version)
    asked().update(status=status)
    sweep()
    assert asked().count() == 1


def test_switched_off_meanwhile_the_job_ends_and_switched_on_it_is_asked_for_again(version, six_are_enough):
    switch(True)
    promote(version, by=None)
    sweep()
    switch(False)
    measure()
    assert ModelVersion.objects.get(pk=version.pk).int8 is None
    switch(True)
    sweep()
    assert sorted(asked().values_list("status", flat=True)) == ["done", "queued"]


def test_without_a_champion_nothing_is_asked(version, six_are_enough):
    switch(True)
    sweep()
    assert not asked().exists()


def test_a_measured_version_is_not_asked_about(version, six_are_enough):
    switch(True)
    promote(measured_as(version), by=None)
    sweep()
    assert not asked().exists()


def test_a_linear_version_has_one_form_only(champion):
    switch(True)
    sweep()
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
