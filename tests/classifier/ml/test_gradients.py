import numpy as np
import pytest
import torch

from classifier.ml import kernels
from classifier.ml.engine import Engine
from classifier.ml.gradients import POINTS, token_shares
from classifier.ml.trie import PackedTrie
from tests.classifier.ml.tiny_t5 import tiny_t5

IDS = [30, 31, 32, 33, 1]
FIXED = np.array([True, False, False, False, True])
DIRECTION = np.array([1.0, -0.25, -0.75])
STEP = 1e-3


@pytest.fixture(scope="module")
def engine():
    return Engine(tiny_t5(), PackedTrie.build([(5, 6), (5, 7), (9,)], 0, 1), True).eval()


def answer(engine, point):
    """What DIRECTION gets at a point of the way from the neutral text (0) to the real one (1)."""
    table = engine.model.shared.weight
    real = table[IDS]
    neutral = torch.where(torch.from_numpy(FIXED)[:, None], real, table.mean(0))
    mask = torch.ones(1, len(IDS), dtype=torch.bool)
    with torch.no_grad():
        encoded = engine.encode_embedded((neutral + point * (real - neutral))[None], mask)
        return float(engine.path_log_probabilities(encoded, mask)[0].double() @ torch.from_numpy(DIRECTION))


def test_the_shares_add_up_to_the_slopes_along_the_way(engine):
    slopes = [(answer(engine, point + STEP) - answer(engine, point - STEP)) / (2 * STEP) for point in POINTS]
    shares = token_shares(engine, IDS, FIXED, DIRECTION)
    assert abs(shares.sum()) > 0.01
    assert shares.sum() == pytest.approx(np.mean(slopes), rel=0.05)


def test_what_the_neutral_text_has_too_adds_nothing(engine):
    shares = token_shares(engine, IDS, FIXED, DIRECTION)
    assert not shares[FIXED].any() and shares[~FIXED].all()


def test_weights_that_are_fixed_give_the_same_shares_faster(engine, monkeypatch):
    plain = token_shares(engine, IDS, FIXED, DIRECTION)
    monkeypatch.setattr(kernels, "LEAST_WORK", 0)  # as for models that are not tiny
    engine.requires_grad_(False)
    fixed = token_shares(engine, IDS, FIXED, DIRECTION)
    engine.requires_grad_(True)
    assert np.allclose(fixed, plain, atol=1e-4)


def test_no_gradient_is_left_on_the_model(engine):
    token_shares(engine, IDS, FIXED, DIRECTION)
    assert all(parameter.grad is None for parameter in engine.parameters())
