"""The GPU's benchmark on a CPU: the same code, tiny shapes."""

import pytest
import torch

from benchmarks import gpu
from benchmarks.needs import NotRun

TINY = {"d_model": 16, "d_ff": 24, "num_heads": 2, "num_layers": 1}


def test_scoring_and_training_run_with_the_recipe_of_the_product():
    rows = gpu.scoring("cpu", count=8, rounds=1, **TINY)
    assert {row["side"] for row in rows} == {"two tokens a label", "label texts", "tokenise alone"}
    trained = gpu.training("cpu", count=8, **TINY)
    assert trained["reports"] == 8
    assert trained["seconds"] > 0


def test_without_cuda_it_says_so_and_measures_nothing(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(NotRun, match="no CUDA"):
        gpu.run(quick=True)
