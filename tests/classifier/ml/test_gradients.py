import numpy as np
import pytest
import torch

from classifier.ml import kernels
from classifier.ml.batching import padded
from classifier.ml.engine import Engine
from classifier.ml.gradients import _completed, token_shares
from classifier.ml.text import words
from classifier.ml.trie import PackedTrie
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from tests.classifier.ml.tiny_t5 import tiny_t5

IDS = [30, 31, 32, 33, 1]
FIXED = np.array([True, False, False, False, True])
DIRECTION = np.array([1.0, -0.25, -0.75])
ODD_TEXTS = ["", "   ", "\x00\x00", "a" * 20_000, "😱🔥" * 30, "मेरा बैंक खाता हैक हो गया है", "!!! ???", "mail " * 200]


@pytest.fixture(scope="module")
def engine():
    return Engine(tiny_t5(), PackedTrie.build([(5, 6), (5, 7), (9,)], 0, 1), True).eval()


@pytest.fixture(scope="module")
def trained(make_examples):
    """A tokenizer, and an engine that has learnt which of five paths a text is of."""
    examples = make_examples(50)
    tokenizer = Tokenizer(train_vocabulary([example.text for example in examples], 400), "read this: ", 60)
    labels = [(5, 6), (5, 7), (9, 6), (9, 10, 11), (12,)]
    engine = Engine(tiny_t5(vocabulary=len(tokenizer)), PackedTrie.build(labels, 0, tokenizer.end), True).eval()
    ids, mask = padded(tokenizer.encode([example.text for example in examples]), torch.device("cpu"))
    right = torch.tensor([example.paths[0] for example in examples])
    optimiser = torch.optim.Adam(engine.parameters(), lr=1e-2)
    for _ in range(40):
        loss = -engine.path_log_probabilities(engine.encode(ids, mask), mask)[range(len(right)), right].mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.5
    optimiser.zero_grad()
    return tokenizer, engine


def change(engine, ids, fixed, direction):
    """What `direction` gets from the real text beyond what it gets from the neutral one, each scored alone."""
    table = engine.model.shared.weight
    mask = torch.ones(1, len(ids), dtype=torch.bool)
    neutral = torch.where(torch.from_numpy(fixed)[:, None], table[ids], table.mean(0))
    with torch.no_grad():
        encoded = [engine.encode_embedded(text[None], mask) for text in (neutral, table[ids])]
        before, after = (engine.path_log_probabilities(one, mask)[0].double().numpy() for one in encoded)
    return float((after - before) @ direction)


def test_the_shares_add_up_to_the_change_from_a_neutral_text(engine):
    shares = token_shares(engine, IDS, FIXED, DIRECTION)
    assert abs(shares.sum()) > 0.01
    assert shares.sum() == pytest.approx(change(engine, IDS, FIXED, DIRECTION), abs=1e-4)


@pytest.mark.parametrize("number", range(5))
def test_they_add_up_for_what_a_trained_model_knows(trained, make_examples, number):
    tokenizer, engine = trained
    ids, owners = tokenizer.encode_words(words(make_examples(5, start=500)[number].text))
    direction = np.full(5, -0.25)
    direction[number] = 1.0
    fixed = np.array(owners) < 0
    shares = token_shares(engine, ids, fixed, direction)
    assert shares.sum() > 0.1
    assert shares.sum() == pytest.approx(change(engine, ids, fixed, direction), abs=1e-4)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_they_add_up_for_odd_texts(trained, text):
    tokenizer, engine = trained
    ids, owners = tokenizer.encode_words(words(text))
    fixed, direction = np.array(owners) < 0, np.array([1.0, -0.4, -0.3, -0.2, -0.1])
    shares = token_shares(engine, ids, fixed, direction)
    assert not shares[fixed].any()
    assert shares.sum() == pytest.approx(change(engine, ids, fixed, direction), abs=1e-4)


def test_a_change_that_no_slope_tells_of_is_shared_equally():
    free = np.array([False, True, True])
    assert _completed(np.zeros(3), 3.0, free).tolist() == [0.0, 1.5, 1.5]
    assert _completed(np.array([0.0, 2.0, -1.0]), 4.0, free).tolist() == [0.0, 4.0, 0.0]
    assert not _completed(np.zeros(2), 0.0, np.zeros(2, bool)).any()


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
