"""Gradient checkpointing: the same gradients from a fraction of what is kept."""

import pytest
import torch

from classifier.ml.engine import Engine
from classifier.ml.trie import PackedTrie
from tests.classifier.ml.tiny_t5 import tiny_t5

LABELS = [(5,), (5, 6), (9, 10, 11), (9, 10, 12), (9, 13), (20, 21)]
WANTED = torch.tensor([[0.5, 0.5, 0, 0, 0, 0], [0, 0, 0, 1.0, 0, 0]])
IDS = torch.randint(2, 96, (2, 24), generator=torch.Generator().manual_seed(0))
MASK = torch.arange(24) < torch.tensor([[24], [11]])


def loss_and_kept(engine):
    """The loss, and the bytes kept for its gradient besides the weights."""
    weights = {weight.untyped_storage().data_ptr() for weight in engine.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage
        return tensor

    torch.manual_seed(7)  # dropout
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        paths = engine.path_log_probabilities(engine.encode(IDS, MASK), MASK)
    return -(WANTED * paths).sum(), sum(storage.nbytes() for storage in kept.values())


@pytest.mark.parametrize("gated", [True, False])
def test_gradients_equal_those_of_kept_activations_dropout_included(gated):
    found = {}
    for recompute in (False, True):
        engine = Engine(tiny_t5(tied=False, gated=gated, layers=3), PackedTrie.build(LABELS, 0, 1), False).train()
        engine.recompute = recompute
        loss, kept = loss_and_kept(engine)
        loss.backward()
        found[recompute] = float(loss.detach()), kept, [weight.grad for weight in engine.parameters()]
    assert found[True][0] == found[False][0]
    assert found[True][1] < found[False][1] / 3
    for one, other in zip(found[True][2], found[False][2], strict=True):
        assert torch.allclose(one, other, rtol=1e-5, atol=1e-6)


def test_serving_takes_no_notice_of_it():
    engine = Engine(tiny_t5(), PackedTrie.build(LABELS, 0, 1), True).eval()
    with torch.inference_mode():
        before = engine.path_log_probabilities(engine.encode(IDS, MASK), MASK)
        engine.recompute = True
        assert torch.equal(engine.path_log_probabilities(engine.encode(IDS, MASK), MASK), before)
