from dataclasses import fields
from typing import get_args

import pytest

from classifier.ml.config import BOUNDS, TrainingConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("balance", 1.5), ("word_dropout", -0.1), ("spelling_noise", 0.9), ("lora_rank", -1), ("learning_rate", 0),
        ("batch_reports", 0), ("batch_tokens", 0), ("seed", -1), ("balance", float("nan")), ("epochs", 0),
        ("epochs", -3), ("max_seconds", -1), ("max_seconds", float("inf")), ("patience", 0), ("warmup_share", 7),
        ("weight_decay", -1), ("max_tokens", 0),
    ],
)  # fmt: skip
def test_values_out_of_bounds_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*must be from"):
        TrainingConfig(base_model="t5", **{name: value})


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("seed", "x", "a whole number"), ("seed", None, "a whole number"), ("epochs", 2.5, "a whole number"),
        ("epochs", True, "a whole number"), ("balance", "0.5", "a number"), ("recompute", 1, "true or false"),
        ("device", 0, "a text"), ("max_seconds", [1], "a number"),
    ],
)  # fmt: skip
def test_values_of_another_kind_are_refused_by_name(name, value, wanted):
    with pytest.raises(ValueError, match=f"{name} is .*must be {wanted}"):
        TrainingConfig(base_model="t5", **{name: value})


def test_every_number_has_its_bounds_and_the_defaults_keep_them():
    numbers = {field.name for field in fields(TrainingConfig) if {int, float} & {field.type, *get_args(field.type)}}
    assert numbers == set(BOUNDS)
    assert TrainingConfig(max_seconds=60, learning_rate=1).max_seconds == 60


def test_adapters_for_a_base_that_learns_from_nothing_are_refused():
    with pytest.raises(ValueError, match="lora_rank"):
        TrainingConfig(lora_rank=8)
    assert TrainingConfig(lora_rank=0).lora_rank == 0
