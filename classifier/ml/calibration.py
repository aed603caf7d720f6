"""Probabilities that mean what they say: temperature, confidence of a decided set, and how to measure it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_expit, logit, logsumexp

Floats = NDArray[np.float64]

ECE_BINS = 15
TEMPERATURE_BOUNDS = (0.02, 50.0)
FLOOR = 1e-12  # a true path that got no probability costs -log(1e-12) = 27.6 nats, not infinity


def temper(log_probabilities: Floats, temperature: float) -> Floats:
    """(N, P) log-probabilities sharpened (< 1) or flattened (> 1) and normalised again; -inf stays -inf."""
    scaled = log_probabilities / temperature
    normalised: Floats = scaled - logsumexp(scaled, axis=1, keepdims=True)
    return normalised


def mean_nll(log_probabilities: Floats, truths: Sequence[Sequence[int]]) -> float:
    """Mean negative log-likelihood in nats; a report with k labels counts each with weight 1/k."""
    weights, rows, columns = _targets(truths)
    picked = np.maximum(log_probabilities[rows, columns], np.log(FLOOR))
    return float(-(weights * picked).sum() / len(truths))


def _targets(truths: Sequence[Sequence[int]]) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    rows = np.repeat(np.arange(len(truths)), [len(truth) for truth in truths])
    columns = np.array([path for truth in truths for path in truth], dtype=np.intp)
    weights = np.array([1 / len(truth) for truth in truths for _ in truth])
    return weights, rows, columns


def fit_temperature(log_probabilities: Floats, truths: Sequence[Sequence[int]]) -> float:
    """The temperature with the least NLL (Guo et al. 2017, arXiv:1706.04599); 1.0 with nothing to fit."""
    if not truths or log_probabilities.shape[1] < 2:
        return 1.0
    found = minimize_scalar(
        lambda log_t: mean_nll(temper(log_probabilities, float(np.exp(log_t))), truths),
        bounds=tuple(np.log(TEMPERATURE_BOUNDS)),
        method="bounded",
    )
    return float(np.exp(found.x))


@dataclass(frozen=True, slots=True)
class Confidence:
    """Probability that the decided set is exactly right: a logistic function of three features.

    The features (`confidence_features`) start with the logit of the decided mass, so the default, weight 1 on
    it and 0 elsewhere, is the identity: confidence = probability mass of the decided set.
    """

    weights: tuple[float, float, float] = (1.0, 0.0, 0.0)
    bias: float = 0.0

    def __call__(self, features: Floats) -> Floats:
        result: Floats = expit(features @ np.array(self.weights) + self.bias)
        return result


def confidence_features(probabilities: Floats, decided: Sequence[Sequence[int]]) -> Floats:
    """(N, 3): logit of the decided mass, log-odds of last path in over first path out, extra labels."""
    sizes = np.array([len(paths) for paths in decided])
    falling = -np.sort(-probabilities, axis=1)
    padded = np.concatenate([falling, np.zeros((len(falling), 1))], axis=1)
    rows = np.arange(len(sizes))
    mass = np.clip(np.cumsum(falling, axis=1)[rows, sizes - 1], 1e-6, 1 - 1e-6)
    last_in = np.maximum(padded[rows, sizes - 1], 1e-6)
    first_out = np.maximum(padded[rows, sizes], 1e-6)
    margin = np.clip(np.log(last_in / first_out), 0, 10)
    return np.stack([logit(mass), margin, sizes - 1.0], axis=1)


def fit_confidence(features: Floats, right: NDArray[np.bool_], strength: float = 1.0) -> Confidence:
    """Logistic regression pulled towards the identity, so that few or one-sided rows change little.

    `strength` is the weight of the pull in units of one report's squared distance.
    """
    start = np.array([1.0, 0.0, 0.0, 0.0])
    inputs = np.concatenate([features, np.ones((len(features), 1))], axis=1)
    signs = np.where(right, 1.0, -1.0)

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = signs * (inputs @ theta)
        gradient = -(signs * expit(-z)) @ inputs + strength * (theta - start)
        return float(-log_expit(z).sum() + strength / 2 * ((theta - start) ** 2).sum()), gradient

    theta = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return Confidence((float(theta[0]), float(theta[1]), float(theta[2])), float(theta[3]))


def expected_calibration_error(confidence: Floats, right: NDArray[np.bool_], bins: int = ECE_BINS) -> float:
    """Weighted mean gap of confidence and accuracy over equal-mass bins; independent of the rows' order."""
    if not len(confidence):
        return 0.0
    # Rows with one confidence share their mean accuracy: else the order of ties would decide the bins.
    _, group = np.unique(confidence, return_inverse=True)
    accuracy = (np.bincount(group, right.astype(float)) / np.bincount(group))[group]
    order = np.argsort(confidence, kind="stable")
    gaps = [
        abs(confidence[part].mean() - accuracy[part].mean()) * len(part)
        for part in np.array_split(order, min(bins, len(order)))
    ]
    return float(sum(gaps) / len(confidence))


def brier_score(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Mean squared gap of confidence and what happened (1 exactly right, 0 not)."""
    return float(((confidence - right) ** 2).mean()) if len(confidence) else 0.0
