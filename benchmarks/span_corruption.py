"""T5's own pre-training (Raffel et al. 2020, arXiv:1910.10683), on the few texts there are: does it warm a model up?"""

from collections.abc import Sequence

import numpy as np
import torch

from classifier.ml.batching import padded
from classifier.ml.t5 import T5Classifier

SENTINELS = 24
FIRST_BYTE = 3  # <0x00>, after padding, end and unknown
CORRUPTED, SPAN = 0.15, 3
BATCH = 16


def warm_up(classifier: T5Classifier, texts: Sequence[str], epochs: int, seed: int) -> None:
    """Trains all weights to tell what was cut out of the texts.

    The pieces of control bytes, which no clean text holds, are the sentinels.
    """
    model, random = classifier.model, np.random.default_rng(seed)
    rows = [row for row in classifier.tokenizer.encode(texts) if len(row) > SPAN]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    torch.manual_seed(seed)
    model.train()
    for _ in range(epochs):
        order = random.permutation(len(rows))
        for start in range(0, len(order), BATCH):
            pairs = [_corrupted(rows[place], random) for place in order[start : start + BATCH]]
            ids, mask = padded([pair[0] for pair in pairs], torch.device("cpu"))
            wanted, real = padded([pair[1] for pair in pairs], torch.device("cpu"))
            labels = wanted.masked_fill(~real, -100)
            loss = model(input_ids=ids, attention_mask=mask.long(), labels=labels).loss
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    model.eval()


def _corrupted(row: Sequence[int], random: np.random.Generator) -> tuple[list[int], list[int]]:
    """The text with sentinels for spans, and the spans after their sentinels."""
    body, end = row[:-1], row[-1]
    cut = np.zeros(len(body), bool)
    while cut.mean() < CORRUPTED:
        start = random.integers(len(body))
        cut[start : start + SPAN] = True
    source: list[int] = []
    target: list[int] = []
    sentinel = FIRST_BYTE
    for place, token in enumerate(body):
        if not cut[place]:
            source.append(token)
            continue
        if place == 0 or not cut[place - 1]:
            source.append(sentinel)
            target.append(sentinel)
            sentinel = min(sentinel + 1, FIRST_BYTE + SENTINELS)
        target.append(token)
    return [*source, end], [*target, end]
