import numpy as np
import pytest

from classifier import registry
from classifier.models import DatasetSnapshot, ModelVersion, TrainingRun
from classifier.services import training
from classifier.services.promotion import rollback
from classifier.services.training import TrainingRefused
from events.models import Event, ThreatDatasetRow, TrainingExample
from events.services.examples import import_examples, retract_examples
from events.services.threat_training import INDEX, request_threat_training, split_of, with_variations
from events.stream.prompts import THREAT, prompt
from incidents.models import Setting
from tests.builders import make_user
from tests.classifier.ml.shrunk import shrink
from tests.events.services.threats import add_examples, as_lines, pairs, run_to_end, trained
from workers.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("caseloop_home")]
Status, Stage = TrainingRun.Status, ModelVersion.Stage


def probability(version: ModelVersion, entry: str) -> float:
    (result,) = registry.load(version).classify_batch([prompt(entry, "suspicious", 0.9)])
    return float(result.probabilities[INDEX[THREAT]])


def test_a_run_ends_with_the_first_version_of_its_line_in_charge() -> None:
    add_examples()
    version = trained()
    assert (version.name, version.line, version.stage) == ("detect-v1", "detect", Stage.CHAMPION)
    assert probability(version, "mimikatz seen on poplar") > 0.7 > 0.3 > probability(version, "backup of poplar done")
    figures = version.evaluations.get(part="served").figures
    assert figures["n"] == version.snapshot.counts["test"] and figures["both"]["accuracy"] > 0.9
    assert {row["label"] for row in figures["category"]["classes"]} == {"Threat", "Normal"}


def test_its_promotion_asks_reports_for_nothing() -> None:
    add_examples()
    trained()
    assert set(Job.objects.values_list("kind", flat=True)) == {"train", "tell_trained"}
    assert ModelVersion.objects.champion() is None


def test_a_small_t5_learns_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink(monkeypatch)
    add_examples(hosts=12)
    version = trained(base_model="small-scratch", options={"epochs": 2})
    assert {row.part for row in version.evaluations.all()} == {"served", "t5", "linear"}
    assert np.isfinite(probability(version, "mimikatz seen on poplar"))


def test_a_run_trains_on_what_was_frozen_when_it_was_asked_for() -> None:
    add_examples()
    run = request_threat_training(base_model="none")
    TrainingExample.objects.filter(completion="Threat").update(retracted_at="2024-01-01T00:00Z")
    assert run_to_end(run).status == Status.SUCCEEDED
    assert sum(run.snapshot.counts.values()) == len(pairs()) == run.snapshot.threat_rows.count()


def test_the_split_is_by_group_and_the_hash_covers_all_of_it() -> None:
    add_examples()
    first = request_threat_training(base_model="none").snapshot
    assert first.path_ids == [] and set(first.counts) == {"train", "validation", "test"}
    for row in ThreatDatasetRow.objects.select_related("example"):
        assert row.split == split_of(row.example.group)
    import_examples(as_lines([{"prompt": "one more", "completion": "Normal"}]))
    training.cancel_training(TrainingRun.objects.get())
    assert request_threat_training(base_model="none").snapshot.content_hash != first.content_hash


def test_of_two_answers_to_one_prompt_the_last_one_is_learnt() -> None:
    add_examples()
    flipped = [pair | {"completion": "Normal"} for pair in pairs()[:1]]
    import_examples(as_lines(flipped))
    rows = request_threat_training(base_model="none").snapshot.threat_rows
    assert rows.get(example__prompt=flipped[0]["prompt"]).example.completion == "Normal"
    assert rows.count() == len(pairs())


def test_variations_are_of_training_rows_alone_and_stored_nowhere() -> None:
    add_examples()
    before = TrainingExample.objects.count()
    version = trained()
    assert "variations of the training ones" in version.run.log_tail
    assert (TrainingExample.objects.count(), Event.objects.count()) == (before, 0)
    assert version.evaluations.get(part="served").figures["n"] == version.snapshot.counts["test"]
    assert version.snapshot.threat_rows.count() == before


def test_a_very_large_set_is_trained_on_as_it_is() -> None:
    from classifier.ml.results import Example

    rows = [Example("Log entry: failed login\nIs this a threat?", (0,), "g")] * 15_000
    assert len(with_variations(rows, 1)) == 15_000
    assert len(with_variations(rows[:10], 1)) > 20
    assert with_variations([], 1) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "There are 0 examples; at least 20"),
        (pairs(hosts=3), "There are 18 examples"),
        ([row for row in pairs() if "Threat" in row["completion"]], "No training example says “Normal”"),
        ([{"prompt": f"disk {n} full", "completion": " Threat"} for n in range(30)], "No training example says"),
    ],
)
def test_too_little_to_learn_from_is_refused(rows: list[dict[str, str]], said: str) -> None:
    import_examples(as_lines(rows))
    with pytest.raises(TrainingRefused, match=said):
        request_threat_training(base_model="none")
    assert not DatasetSnapshot.objects.exists()


def test_retracted_examples_do_not_count() -> None:
    add_examples(hosts=4)
    TrainingExample.objects.filter(completion="Threat").update(label_id=7, origin="verdict")
    retract_examples(7)
    with pytest.raises(TrainingRefused, match="There are 12 examples"):
        request_threat_training(base_model="none")


def test_examples_that_did_not_change_are_trained_on_again_only_by_force() -> None:
    add_examples()
    trained()
    with pytest.raises(TrainingRefused, match="Nothing changed since detect-v1"):
        request_threat_training(base_model="none")
    assert trained(force=True).name == "detect-v2"


def test_one_training_of_the_line_at_a_time_and_beside_one_of_reports() -> None:
    add_examples()
    run = request_threat_training(base_model="none")
    with pytest.raises(TrainingRefused, match=f"Training {run.pk} .* queued already"):
        request_threat_training(base_model="none")
    assert training._already_running("classify").startswith("Another training")


def test_a_later_version_waits_unless_it_was_to_be_promoted() -> None:
    Setting.objects.create(key="gate_min_reports", value=0)  # a handful of test examples is enough here
    add_examples()
    first = trained()
    assert trained(force=True).stage == Stage.CHALLENGER
    third = trained(force=True, promote_if_better=True)
    assert third.stage == Stage.CHAMPION
    assert first.evaluations.filter(snapshot=third.snapshot, part="served").exists()
    assert rollback(by=make_user(role="admin"), line="detect").version == first


def test_a_cancelled_run_ends_at_its_next_step() -> None:
    add_examples()
    run = request_threat_training(base_model="none")
    assert training.cancel_training(run)
    run.refresh_from_db()
    assert run.status == Status.CANCELLED and not ModelVersion.objects.exists()


def test_a_line_that_nobody_trains_fails_with_its_reason() -> None:
    add_examples()
    run = request_threat_training(base_model="none")
    TrainingRun.objects.filter(pk=run.pk).update(line="odd")
    assert run_to_end(run).status == Status.FAILED
    assert "no training is known for the model line 'odd'" in run.error
