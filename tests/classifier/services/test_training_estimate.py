"""What a training will cost, and on what that rests."""

import pytest

from classifier.ml.config import TrainingConfig
from classifier.ml.costs import Size, size_of
from classifier.services.dataset_contents import DecidedReports
from classifier.services.selection import ALL
from classifier.services.snapshot import examples, freeze
from classifier.services.training import request_training
from classifier.services.training_estimate import estimate, planned_size
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
