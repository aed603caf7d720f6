"""Which words carried a label: what each of them adds to the label's log-odds, expert by expert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from classifier.ml.blend import UNIFORM_SHARE
from classifier.ml.calibration import Floats, temper
from classifier.ml.text import Word


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why a path and not its rivals: per expert (W,) nats of log-odds that each word adds, negative ones against it.

    An expert's add up to what the whole text moves its answer against a text that says nothing: the linear expert's
    exactly word by word, T5's divided among the words along the way there. Both are weighted by how the blend's answer
    moves with each expert's at this text, so that they can be added.
    """

    words: tuple[Word, ...]
    shares: Mapping[str, Floats]

    @property
    def totals(self) -> Floats:
        """(W,) over all experts."""
        total: Floats = np.sum([np.zeros(len(self.words)), *self.shares.values()], axis=0)
        return total


def contrast(probabilities: Floats, path: int, decided: Sequence[int]) -> Floats:
    """(P,) the direction that favours `path` over its rivals, each as far as it is probable: 1 and -1 in all.

    A path that was decided has no rivals among the others that were. Without any rival all of it is 0.
    """
    rivals = probabilities.astype(float)
    rivals[[path, *(decided if path in decided else ())]] = 0
    direction: Floats = -rivals / max(rivals.sum(), np.finfo(float).tiny)
    direction[path] = 1.0 if rivals.any() else 0.0
    return direction


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """What one expert says of a text: raw log-probabilities (P,), how it calibrates them, its weight in the blend."""

    log_probabilities: Floats
    temperature: float
    weight: float

    @property
    def calibrated(self) -> Floats:
        row: Floats = temper(self.log_probabilities[None], self.temperature)[0]
        return row


def pulls(direction: Floats, opinions: Mapping[str, Opinion], temperature: float) -> dict[str, Floats]:
    """(P,) per expert that has a say: the direction of its raw log-probabilities that moves the answer's.

    `temperature` is the answer's own: of the blend, or of the only expert.
    """
    if len(opinions) == 1:
        ((name, alone),) = opinions.items()
        return {name: _raw(direction, replace(alone, temperature=temperature))}
    blended = _blended(direction / temperature, opinions)
    return {name: _raw(moved, opinions[name]) for name, moved in blended.items() if moved.any()}


def _raw(direction: Floats, opinion: Opinion) -> Floats:
    """Of calibrated log-probabilities -> of raw ones. It adds up to 0, and is 0 for paths that are not known."""
    known = np.where(np.isfinite(opinion.log_probabilities), direction, 0.0)
    result: Floats = (known - known.sum() * np.exp(opinion.calibrated)) / opinion.temperature
    return result


def _blended(direction: Floats, opinions: Mapping[str, Opinion]) -> dict[str, Floats]:
    """Of the blend's log-probabilities -> of each expert's calibrated ones.

    A path that only one expert knows follows that one alone; what the blend softens moves less.
    """
    known = {name: np.isfinite(opinion.log_probabilities) for name, opinion in opinions.items()}
    shared = np.all(list(known.values()), axis=0)
    moved = {}
    for name, opinion in opinions.items():
        inside = (1 - UNIFORM_SHARE) * np.exp(temper(opinion.calibrated[None, shared], 1.0)[0])
        moved[name] = np.where(known[name], direction, 0.0)
        moved[name][shared] *= opinion.weight * inside / (inside + UNIFORM_SHARE / max(1, shared.sum()))
    return moved
