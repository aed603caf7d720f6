import pytest

from classifier.ml.config import TrainingConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("balance", 1.5), ("word_dropout", -0.1), ("spelling_noise", 0.9), ("lora_rank", -1), ("learning_rate", 0),
        ("batch_reports", 0), ("batch_tokens", 0), ("seed", -1), ("balance", float("nan")),
    ],
)  # fmt: skip
def test_values_out_of_bounds_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*must be from"):
        TrainingConfig(base_model="t5", **{name: value})


def test_adapters_for_a_base_that_learns_from_nothing_are_refused():
    with pytest.raises(ValueError, match="lora_rank"):
        TrainingConfig(lora_rank=8)
    assert TrainingConfig(lora_rank=0).lora_rank == 0
