"""How a T5's answer moves with each token of a text: integrated gradients (Sundararajan et al. 2017, 1703.01365).

The way leads from a neutral text, every token the mean of the vocabulary, to the real one. Gradient times input alone
says little here: each layer divides its input by its length, so the answer hardly moves with the length of an
embedding, only with where it points. Measured in `benchmarks/explanation.py`.

The points are chosen for their ranking of the words and are no quadrature of the way; what their sum misses of the
real change is then spread over the tokens, so that the shares are complete.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.ml.calibration import Floats
from classifier.ml.engine import Engine

# Near the neutral end, where the answer is still open: as faithful as three Gauss-Legendre points, in 2/3 of the time.
POINTS = (0.1, 0.4)
TINY = np.finfo(float).tiny


def token_shares(engine: Engine, ids: Sequence[int], fixed: NDArray[np.bool_], direction: Floats) -> Floats:
    """(L,) what each token adds to `direction` (P,) times the log-probabilities of the paths, in nats.

    They sum to what the real text changes there against the neutral one. `fixed` (L,) are tokens that the neutral text
    has too, such as a prompt: they add nothing.
    """
    table = engine.model.shared.weight
    row = torch.tensor([list(ids)], device=table.device)
    mask = torch.ones_like(row, dtype=torch.bool)
    wanted = torch.from_numpy(direction).to(table.device, torch.float32)
    with torch.no_grad():
        real = engine.model.shared(row)
        neutral = torch.where(torch.from_numpy(fixed).to(table.device)[None, :, None], real, table.mean(0))
        paths = engine.path_log_probabilities(
            engine.encode_embedded(torch.cat([neutral, real]), mask.expand(2, -1)), mask.expand(2, -1)
        )
        change = float((paths[1] - paths[0]).double() @ wanted.double())
    total = torch.zeros_like(real)
    for point in POINTS:
        there = (neutral + point * (real - neutral)).requires_grad_()
        paths = engine.path_log_probabilities(engine.encode_embedded(there, mask), mask)
        (slope,) = torch.autograd.grad((paths[0] * wanted).sum(), there)
        total += slope
    shares: Floats = (total * (real - neutral)).sum(-1)[0].double().cpu().numpy() / len(POINTS)
    return _completed(shares, change, ~fixed)


def _completed(shares: Floats, change: float, free: NDArray[np.bool_]) -> Floats:
    """The shares, with what they miss of `change` spread in proportion to their size; equally where all are 0."""
    sizes = np.where(free, np.abs(shares), 0.0)
    if not sizes.any():
        sizes = free.astype(float)
    result: Floats = np.where(free, shares, 0.0) + (change - shares[free].sum()) * sizes / max(sizes.sum(), TINY)
    return result
