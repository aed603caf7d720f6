"""The log-linear blend of T5 and the linear expert, and the choice of its weight on validation data."""

from collections.abc import Sequence

import numpy as np

from classifier.ml.calibration import Floats, fit_temperature, mean_nll, temper
from classifier.ml.decision import DecisionRule, exactly_right, fit_rule
from classifier.ml.expert import Decider

WEIGHTS = np.round(np.arange(0, 1.01, 0.05), 2)
UNIFORM_SHARE = 1e-4  # so that one expert's zero is a strong opinion, not a veto


def blend(t5: Floats, linear: Floats, weight: float, read: Floats | None = None) -> Floats:
    """(N, P) calibrated log-probabilities of both (-inf: unknown path) -> (N, P) blended, normalised.

    Over the paths known to both: p ~ t5^weight * linear^(1 - weight), each mixed with a little uniform. A
    path known to one expert only takes that expert's mass, and the shared paths keep what is left.
    `read` (N,): the share of each text that T5 has read. Its word counts as far as it has read, so that what hides the
    content behind padding leaves the text to the expert that reads all of it.
    """
    knows_t5, knows_linear = np.isfinite(t5).any(axis=0), np.isfinite(linear).any(axis=0)
    shared = knows_t5 & knows_linear
    result = np.full(t5.shape, -np.inf)
    left = np.zeros(len(t5))
    for expert, private in ((t5, knows_t5 & ~shared), (linear, knows_linear & ~shared)):
        result[:, private] = expert[:, private]
        left += np.log1p(-np.clip(np.exp(expert[:, private]).sum(axis=1), 0, 1 - 1e-9))
    if shared.any():
        counts = np.full(len(t5), weight) * (1.0 if read is None else read)
        mixed = counts[:, None] * _softened(t5[:, shared]) + (1 - counts)[:, None] * _softened(linear[:, shared])
        result[:, shared] = temper(mixed, 1.0) + left[:, None]
    return temper(result, 1.0)


def _softened(log_probabilities: Floats) -> Floats:
    inside = np.exp(temper(log_probabilities, 1.0))
    result: Floats = np.log((1 - UNIFORM_SHARE) * inside + UNIFORM_SHARE / inside.shape[1])
    return result


def fit_blend(
    t5: Floats, linear: Floats, truths: Sequence[Sequence[int]], cap: int, read: Floats | None = None
) -> tuple[float, Decider]:
    """The weight of T5 for what it has `read` whole, and the decider of the blend.

    Best negative log-likelihood among the weights whose exact match is within one standard error of the
    better expert's, so that the blend is not worse than the better expert beyond noise.
    Without validation rows the linear expert decides alone: it is the one that needs no tuning.
    """
    if not truths:
        return 0.0, Decider(rule=DecisionRule(cap=cap))
    trials = []
    for weight in WEIGHTS:
        mixed = blend(t5, linear, float(weight), read)
        temperature = fit_temperature(mixed, truths)
        final = temper(mixed, temperature)
        trials.append((mean_nll(final, truths), _match(final, truths, cap), float(weight)))
    best_match = max(_match(expert, truths, cap) for expert in (t5, linear))
    allowance = float(np.sqrt(best_match * (1 - best_match) / len(truths)))
    near = [trial for trial in trials if trial[1] >= best_match - allowance]
    # None is near where one expert's private paths mislead the other: then the most exact.
    weight = min(near)[2] if near else max(trials, key=lambda trial: (trial[1], -trial[0]))[2]
    return weight, Decider.fit(blend(t5, linear, weight, read), truths, cap)


def _match(log_probabilities: Floats, truths: Sequence[Sequence[int]], cap: int) -> float:
    probabilities = np.exp(log_probabilities)
    return float(exactly_right(fit_rule(probabilities, truths, cap).decide(probabilities), truths).mean())
