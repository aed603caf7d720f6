"""What a training will cost, and on what that rests."""

import pytest

from classifier.ml.config import TrainingConfig
from classifier.ml.costs import Size, size_of
from classifier.services.dataset_contents import DecidedReports
from classifier.services.selection import ALL
from classifier.services.snapshot import examples, freeze
from classifier.services.training import request_training
from classifier.services.training_estimate import Estimate, estimate, planned_size
from tests.builders import make_run
from tests.classifier.services.conftest import decide_reports, run_to_end

pytestmark = pytest.mark.django_db
SCRATCH = TrainingConfig()


def measured(seconds: float, work: float, **changes: object) -> dict[str, object]:
    told = {"seconds": seconds, "work": work, "memory_mb": 900.0, "disk_mb": 55.0, "device": "CPU, 1 thread"}
    return told | {"host": "desk"} | changes


def test_without_an_earlier_training_it_rests_on_measured_figures_and_says_so() -> None:
    found = estimate("classify", SCRATCH, Size(1000, 40_000))
    assert found.seconds and found.memory_mb and found.disk_mb
    assert "another machine" in found.rests_on


def test_an_earlier_training_of_the_base_tells_by_how_much_there_was_to_do() -> None:
    config = TrainingConfig(epochs=2)
    half = Size(500, 20_000)
    from_work = estimate("classify", config, half).seconds
    run = make_run(status="succeeded", measured=measured(100.0, 2 * (40_000 + 460 * 63)))
    found = estimate("classify", config, half)
    assert found.seconds == pytest.approx(50, rel=0.02) and found.seconds != from_work
    assert (found.memory_mb, found.disk_mb) == (900.0, 55.0)
    assert found.rests_on == f"From training {run.pk} of this base on desk, CPU, 1 thread."


SMALL = "google/flan-t5-small"
DEAR = {"recompute": False}


def estimated(base_model: str = SMALL, **options: object) -> Estimate:
    return estimate("classify", TrainingConfig(base_model=base_model, **options), Size(1000, 40_000))  # type: ignore[arg-type]


def test_what_the_refusal_advises_is_estimated_to_take_less() -> None:
    make_run(base_model=SMALL, status="succeeded", options=DEAR, measured=measured(100.0, 1.0, memory_mb=9000.0))
    asked = estimated(**DEAR)
    assert asked.memory_mb == 9000.0 and asked.seconds
    computed_twice = estimated(recompute=True)
    assert computed_twice.memory_mb and computed_twice.memory_mb < 6000
    assert computed_twice.seconds == pytest.approx(asked.seconds * 4 / 3)
    fewer_at_once = estimated(batch_tokens=512, **DEAR)
    assert fewer_at_once.memory_mb and fewer_at_once.memory_mb < 6500
    assert fewer_at_once.disk_mb == asked.disk_mb


def test_a_dearer_setting_does_not_pass_after_a_cheap_training() -> None:
    cheap = {"recompute": True, "batch_tokens": 512, "lora_rank": 8}
    make_run(base_model=SMALL, status="succeeded", options=cheap, measured=measured(100.0, 1.0, memory_mb=1000.0))
    dear = estimated(**DEAR)
    assert dear.memory_mb and dear.memory_mb > 3000
    assert dear.disk_mb and dear.disk_mb > 4 * 55


def test_trainings_with_the_same_settings_know_best_what_they_take() -> None:
    make_run(base_model=SMALL, status="succeeded", options={"recompute": True}, measured=measured(1.0, 1.0))
    make_run(base_model=SMALL, status="succeeded", options=DEAR, measured=measured(1.0, 1.0, memory_mb=9000.0))
    assert estimated(recompute=True).memory_mb == 900.0


def test_on_a_gpu_the_settings_do_not_change_what_the_machine_itself_holds() -> None:
    made = measured(100.0, 1.0, memory_mb=3000.0, device="NVIDIA H100")
    make_run(base_model=SMALL, status="succeeded", options=DEAR, measured=made)
    assert estimated(recompute=True).memory_mb == 3000.0


def test_of_a_base_of_unknown_size_only_the_same_settings_tell() -> None:
    theirs = "somebody/their-t5"
    make_run(base_model=theirs, status="succeeded", options=DEAR, measured=measured(1.0, 1.0))
    assert estimated(theirs, **DEAR).memory_mb == 900.0
    assert estimated(theirs, recompute=True).memory_mb is None


def test_other_lines_bases_and_interrupted_trainings_tell_nothing() -> None:
    make_run(status="succeeded", line="detect", measured=measured(1.0, 1.0))
    make_run(status="succeeded", base_model="none", measured=measured(1.0, 1.0))
    make_run(status="succeeded")
    assert "another machine" in estimate("classify", SCRATCH, Size(1000, 40_000)).rests_on


def test_an_unknown_base_is_not_guessed_at() -> None:
    found = estimate("classify", TrainingConfig(base_model="somebody/their-t5"), Size(1000, 40_000))
    assert (found.seconds, found.memory_mb, found.disk_mb) == (None, None, None)


def test_the_size_that_the_database_counts_is_that_of_the_texts() -> None:
    decide_reports()
    counted = planned_size(SCRATCH, DecidedReports().contents(ALL))
    read = size_of(examples(freeze(), "train"), SCRATCH)
    assert counted.reports == read.reports and counted.tokens == pytest.approx(read.tokens, rel=0.01)


def test_a_training_keeps_what_it_took_for_the_next_estimate(champion) -> None:
    took = champion.run.measured
    assert took["work"] == champion.snapshot.counts["train"] and took["seconds"] > 0 and took["memory_mb"] > 50
    assert f"From training {champion.run.pk}" in estimate("classify", TrainingConfig(base_model="none"), None).rests_on
    decide_reports(30, start=300)
    run = run_to_end(request_training(base_model="none"))
    assert run.measured["disk_mb"] > 0
