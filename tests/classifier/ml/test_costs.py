"""What a training is expected to cost, held against what is known."""

from itertools import pairwise

import pytest

from classifier.ml.config import TrainingConfig
from classifier.ml.costs import Size, cost, size_of, weights_of, work
from classifier.ml.results import Example

TRAM = Size(3_100, 3_100 * 36.0)


def test_small_scratch_takes_what_was_measured_on_tram() -> None:
    found = cost(TrainingConfig(), TRAM)
    assert found is not None
    assert 60 < found.seconds < 100 and 500 < found.memory_mb < 1_500 and found.disk_mb < 200


def test_a_larger_base_costs_more_of_everything() -> None:
    names = ("none", "small-scratch", "google/flan-t5-small", "google/flan-t5-base")
    costs = [cost(TrainingConfig(base_model=name), TRAM) for name in names]
    for smaller, larger in pairwise(costs):
        assert smaller is not None and larger is not None
        assert smaller.seconds < larger.seconds and smaller.disk_mb < larger.disk_mb
        assert smaller.memory_mb < larger.memory_mb


def test_adapters_and_computing_twice_save_memory() -> None:
    def memory(**options: object) -> float:
        found = cost(TrainingConfig(base_model="google/flan-t5-base", **options), TRAM)  # type: ignore[arg-type]
        assert found is not None
        return found.memory_mb

    assert memory(lora_rank=8) < memory() < memory(recompute=False)
    assert memory(recompute=False, batch_tokens=1_024) < memory(recompute=False)


def test_a_time_limit_bounds_the_estimate() -> None:
    limited = cost(TrainingConfig(base_model="google/flan-t5-xl", max_seconds=60), TRAM)
    assert limited is not None and limited.seconds < 70


def test_a_folder_is_known_by_the_size_of_its_files_and_a_hub_name_by_nothing(tmp_path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 4_000_000)
    assert weights_of(str(tmp_path)) == 1_000_000
    assert cost(TrainingConfig(base_model=str(tmp_path)), TRAM) is not None
    assert cost(TrainingConfig(base_model="somebody/their-t5"), TRAM) is None
    assert weights_of("flan-t5-small") == weights_of("google/flan-t5-small") == 76_961_152


def test_long_reports_count_as_far_as_they_are_read() -> None:
    examples = [Example("x" * 400, (0,)), Example("x" * 40_000, (0,))]
    assert size_of(examples, TrainingConfig()) == Size(2, 100 + 192)
    assert size_of(examples, TrainingConfig(max_tokens=64)) == Size(2, 128)


@pytest.mark.parametrize("epochs", [1, 7])
def test_work_goes_with_the_passes(epochs: int) -> None:
    once = work(TrainingConfig(epochs=1), TRAM)
    assert work(TrainingConfig(epochs=epochs), TRAM) == once * epochs
