from dataclasses import replace

import pytest

from classifier.ml.config import TrainingConfig
from classifier.ml.recipes import LARGE_RANK, LORA_LEARNING_RATE, MOST_EPOCHS, PRETRAINED, SCRATCH, recipe_for

BASE = TrainingConfig(base_model="google/flan-t5-small")


def test_what_is_asked_for_is_followed():
    asked = replace(BASE, batch_reports=5, batch_tokens=99, learning_rate=0.01, lora_rank=3, recompute=True)
    recipe = recipe_for(asked, 10, "cpu")
    assert (recipe.batch_reports, recipe.batch_tokens, recipe.learning_rate) == (5, 99, 0.01)
    assert (recipe.rank, recipe.recompute) == (3, True)


def test_small_scratch_is_trained_the_same_on_every_device():
    assert recipe_for(TrainingConfig(), 10**6, "cpu") == recipe_for(TrainingConfig(), 10**6, "cuda") == SCRATCH


def test_only_a_base_that_learns_from_nothing_is_taught_with_misspelt_words_by_itself():
    assert recipe_for(TrainingConfig(), 10**6, "cpu").spelling_noise > 0
    assert recipe_for(TrainingConfig(spelling_noise=0.0), 10**6, "cpu").spelling_noise == 0
    assert recipe_for(BASE, 10**6, "cpu").spelling_noise == 0
    assert recipe_for(replace(BASE, spelling_noise=0.2), 10**6, "cpu").spelling_noise == 0.2


def test_the_learning_rate_grows_with_the_square_root_of_the_batch():
    for device in ("cpu", "cuda"):
        recipe = recipe_for(replace(BASE, batch_reports=64), 10, device)
        assert recipe.learning_rate == pytest.approx(2 * PRETRAINED.learning_rate)


def test_a_gpu_gets_larger_steps():
    assert recipe_for(BASE, 10, "cuda").batch_reports > recipe_for(BASE, 10, "cpu").batch_reports


@pytest.mark.parametrize(
    ("parameters", "rank", "recompute"),
    [(77_000_000, 0, False), (248_000_000, 0, True), (783_000_000, LARGE_RANK, True)],
    ids=["flan-t5-small", "flan-t5-base", "flan-t5-large"],
)
def test_large_bases_recompute_and_still_larger_ones_get_adapters(parameters, rank, recompute):
    recipe = recipe_for(BASE, parameters, "cpu")
    assert (recipe.rank, recipe.recompute) == (rank, recompute)
    assert (recipe.learning_rate == LORA_LEARNING_RATE) is bool(rank)


def test_what_is_automatic_can_be_called_off():
    recipe = recipe_for(replace(BASE, lora_rank=0, recompute=False), 3 * 10**9, "cuda")
    assert (recipe.rank, recipe.recompute) == (0, False)


def test_small_data_sets_get_more_epochs_but_not_without_end():
    assert SCRATCH.epochs_for(tokens_per_epoch=8_000_000, steps_per_epoch=5_000) == SCRATCH.epochs
    assert SCRATCH.epochs_for(tokens_per_epoch=139_000, steps_per_epoch=100) == 10
    assert SCRATCH.epochs_for(tokens_per_epoch=100, steps_per_epoch=1) == MOST_EPOCHS
