import numpy as np
import pytest
import torch

from classifier.ml.batching import padded
from classifier.ml.engine import Engine
from classifier.ml.layers import Layers
from classifier.ml.trie import PackedTrie
from tests.classifier.ml.tiny_t5 import tiny_t5

LABELS = [(5,), (5, 6), (5, 6, 7, 8), (9, 10, 11), (9, 10, 12), (9, 13), (20, 21, 22, 23, 24, 25), (9, 10, 12, 14, 15)]
END = 1
REPORTS = [[30, 31, 32, 33, END], [40, END], [50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, END]]


@pytest.fixture(autouse=True)
def _small_products_too(monkeypatch):
    """Products of a tiny model would not be worth oneDNN."""
    monkeypatch.setattr("classifier.ml.kernels.LEAST_WORK", 0)


def children_of(prefix: tuple[int, ...]) -> list[int]:
    found = {label[len(prefix)] for label in LABELS if label[: len(prefix)] == prefix and len(label) > len(prefix)}
    if prefix in LABELS and found:
        found.add(END)
    return sorted(found)


def teacher_forced(model, report: list[int], label: tuple[int, ...]) -> float:
    """Hugging Face's logits at each step of the label, restricted to the trie's children and renormalised."""
    steps = (*label, END)
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([report]), decoder_input_ids=torch.tensor([[0, *label]])).logits[0]
    total = 0.0
    for place, token in enumerate(steps):
        allowed = children_of(label[:place])
        if token in allowed:
            total += float(torch.log_softmax(logits[place, allowed], 0)[allowed.index(token)])
    return total


def scored(model, scale: bool, reports: list[list[int]], most_positions: int = 256) -> np.ndarray:
    engine = Engine(model, PackedTrie.build(LABELS, 0, END, most_positions), scale).eval()
    width = max(map(len, reports))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in reports])
    mask = torch.tensor([[True] * len(row) + [False] * (width - len(row)) for row in reports])
    with torch.inference_mode():
        return engine.path_log_probabilities(engine.encode(ids, mask), mask).numpy()


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("gated", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
def test_scores_equal_teacher_forced_logits_renormalised_at_each_branch(tied, gated, layers):
    model = tiny_t5(tied, gated, layers, seed=layers)
    expected = [[teacher_forced(model, report, label) for label in LABELS] for report in REPORTS]
    assert np.abs(scored(model, tied, REPORTS) - expected).max() < 1e-4


@pytest.mark.parametrize("tied", [True, False])
def test_scores_equal_teacher_forced_logits_after_training(tied):
    model = tiny_t5(tied, gated=not tied)
    engine = Engine(model, PackedTrie.build(LABELS, 0, END), tied).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    ids, mask = padded(REPORTS, torch.device("cpu"))
    losses = []
    for _ in range(30):
        loss = -engine.path_log_probabilities(engine.encode(ids, mask), mask)[range(3), [2, 4, 6]].sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 2
    model.eval()
    expected = [[teacher_forced(model, report, label) for label in LABELS] for report in REPORTS]
    assert np.abs(scored(model, tied, REPORTS) - expected).max() < 1e-4


def test_probabilities_of_all_paths_sum_to_one():
    assert np.exp(scored(tiny_t5(), True, REPORTS)).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_report_scores_the_same_alone_and_in_company():
    model = tiny_t5(tied=False, gated=True)
    together = scored(model, False, REPORTS)
    alone = np.concatenate([scored(model, False, [report]) for report in REPORTS])
    assert np.abs(np.exp(together) - np.exp(alone)).max() < 1e-5


@pytest.mark.parametrize("most_positions", [1, 4])
def test_a_trie_decoded_in_parts_scores_the_same(most_positions):
    model = tiny_t5(gated=True)
    whole, torn = scored(model, True, REPORTS), scored(model, True, REPORTS, most_positions)
    assert np.abs(whole - torn).max() < 1e-5


@pytest.mark.parametrize("gated", [True, False])
@pytest.mark.parametrize("reports", [REPORTS, [REPORTS[2]] * 2], ids=["padded", "of one length"])
def test_with_and_without_gradients_the_scores_are_the_same(gated, reports):
    """Without, products go through oneDNN and few positions fold the projections of the text into their own."""
    model = tiny_t5(gated=gated, tied=False)
    engine = Engine(model, PackedTrie.build(LABELS, 0, END), False).eval()
    ids, mask = padded(reports, torch.device("cpu"))
    with torch.enable_grad():
        plain = engine.path_log_probabilities(engine.encode(ids, mask), mask).detach().numpy()
    assert np.abs(scored(model, False, reports) - plain).max() < 1e-5


def test_few_positions_fold_the_projections_of_a_long_text_into_their_own(monkeypatch):
    model = tiny_t5(gated=True)
    labels = [(5,), (6,)]
    engine = Engine(model, PackedTrie.build(labels, 0, END), True).eval()
    ids, mask = padded([[*range(20, 90), END], [30, 31, END]], torch.device("cpu"))
    with torch.inference_mode():
        folded = engine.path_log_probabilities(engine.encode(ids, mask), mask)
        monkeypatch.setattr(Layers, "_absorbing", lambda *given: False)
        plain = engine.path_log_probabilities(engine.encode(ids, mask), mask)
    assert not torch.equal(folded, plain)  # another way of computing it, so another rounding
    assert torch.allclose(folded, plain, atol=1e-5)


def test_weights_that_change_while_serving_are_followed():
    model, other = tiny_t5(gated=True, seed=1), tiny_t5(gated=True, seed=2)
    engine = Engine(model, PackedTrie.build(LABELS, 0, END), True).eval()
    ids, mask = padded(REPORTS, torch.device("cpu"))
    with torch.inference_mode():
        engine.path_log_probabilities(engine.encode(ids, mask), mask)
    with torch.no_grad():
        for weight, source in zip(model.parameters(), other.parameters(), strict=True):
            weight.copy_(source)
    with torch.inference_mode():
        after = engine.path_log_probabilities(engine.encode(ids, mask), mask).numpy()
    assert np.array_equal(after, scored(other, True, REPORTS))


def test_a_module_that_is_no_plain_linear_is_asked_itself():
    model = tiny_t5()
    before = scored(model, True, REPORTS)
    attention = model.decoder.block[0].layer[1].EncDecAttention
    attention.v = torch.nn.Sequential(attention.v, torch.nn.Tanh())  # as quantised or adapted weights are
    assert np.abs(scored(model, True, REPORTS) - before).max() > 1e-3


def test_gradients_reach_every_weight_that_the_labels_use():
    model = tiny_t5()
    engine = Engine(model, PackedTrie.build(LABELS, 0, END), True).train()
    ids = torch.tensor(REPORTS[:1])
    mask = torch.ones_like(ids, dtype=torch.bool)
    engine.path_log_probabilities(engine.encode(ids, mask), mask)[0, 4].backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in model.parameters())


def test_bfloat16_scores_stay_near_those_of_float32():
    labels = [(5,), (6, 7), (6, 8), (9,)]
    model = tiny_t5(tied=False)
    engine = Engine(model, PackedTrie.build(labels, 0, END), False).eval()
    ids = torch.tensor([REPORTS[2]])
    mask = torch.ones_like(ids, dtype=torch.bool)
    with torch.inference_mode():
        exact = engine.path_log_probabilities(engine.encode(ids, mask), mask).exp()
        with torch.autocast("cpu", torch.bfloat16):  # as in training on CUDA
            mixed = engine.path_log_probabilities(engine.encode(ids, mask), mask).exp()
        engine.to(torch.bfloat16)  # as in serving on CUDA
        coarse = engine.path_log_probabilities(engine.encode(ids, mask), mask).exp()
    assert (mixed - exact).abs().max() < 0.1
    assert (coarse - exact).abs().max() < 0.1
    assert coarse.dtype == torch.float32
