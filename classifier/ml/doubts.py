"""Labels that speak against their own reports: confident learning, multi-label aware.

Each report gets an opinion on every path, from what has not seen its label: half the probability by a linear expert
that was trained on other folds, half the vote of the reports worded most like it, by their labels. On threat reports
with planted errors both together find more than either alone (benchmarks/doubts.py).

How many labels are wrong is counted as in Northcutt, Jiang and Chuang, "Confident Learning" (JAIR 2021), with each path
against all others, as cleanlab does for label sets (Thyagarajan et al., "Identifying Incorrect Annotations in
Multi-Label Classification Data", 2022): a label counts as an error where the opinion is as sure that it is absent as
it is, on average, of reports that do not carry it. That many reports are doubted, those first whose least believed
label is believed least (their "prune by noise rate").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier.ml.calibration import fit_temperature, temper
from classifier.ml.features import CHUNK, TextFeatures
from classifier.ml.folds import out_of_fold
from classifier.ml.linear import SVM
from classifier.ml.results import Example
from classifier.ml.taxonomy import Taxonomy

FEWEST = 50  # labelled reports; below that, out-of-fold opinions are guesses
FEWEST_OF_PATH = 5  # of a path's labels; a rarer one would be doubted for its rarity alone
NEIGHBOURS = 10
ALSO_SUGGESTED = 0.5  # of the best path's opinion: what comes so near to it is suggested with it ...
LEAST_SUGGESTED = 0.3  # ... if it is believed as much as this

Floats = NDArray[np.float64]


class TooFew(Exception):
    """There is too little to form an opinion by; the message says what is missing."""


@dataclass(frozen=True)
class Opinions:
    """(N, P) each: of other folds' experts (rows sum to 1), of the neighbours (0 to 1)."""

    probabilities: Floats
    votes: Floats
    judged: NDArray[np.bool_]  # whether enough is known of the path to doubt a label of it
    neighbours: NDArray[np.intp]  # (N, NEIGHBOURS) places of the reports that vote

    @property
    def both(self) -> Floats:
        return (self.probabilities + self.votes) / 2


@dataclass(frozen=True)
class Doubted:
    """`quality` is what is believed of the least believed label, 0 to 1; `agreeing` neighbours have the best path."""

    place: int  # of the example
    quality: float
    suggested: tuple[int, ...]  # path indices, the best first
    probability: float  # of the best one, by the other folds' expert
    agreeing: int


def find_doubts(examples: Sequence[Example], taxonomy: Taxonomy, seed: int, beat: Callable[[], None]) -> list[Doubted]:
    """The labels to look at, the worst first. `beat` is called between steps and may raise. Raises TooFew."""
    if len(examples) < FEWEST:
        raise TooFew(f"{len(examples)} reports with a label are too few to doubt any: {FEWEST} are needed.")
    given = given_labels(examples, len(taxonomy))
    if (given.sum(axis=0) >= FEWEST_OF_PATH).sum() < 2:
        raise TooFew(f"At least two labels with {FEWEST_OF_PATH} reports each are needed to doubt any.")
    opinions = form_opinions(examples, taxonomy, seed, beat)
    quality = label_quality(opinions, given)
    doubted = [_doubted(place, quality[place], opinions, given) for place in doubted_places(opinions, given)]
    return [one for one in doubted if set(one.suggested) != set(examples[one.place].paths)]


def form_opinions(examples: Sequence[Example], taxonomy: Taxonomy, seed: int, beat: Callable[[], None]) -> Opinions:
    """From what has not seen a report's own label."""
    given = given_labels(examples, len(taxonomy))
    features = TextFeatures.fit([example.text for example in examples], len(taxonomy))
    scores = out_of_fold(examples, taxonomy, features, SVM, seed, beat)
    rows: NDArray[np.bool_] = np.asarray(np.isfinite(scores).any(axis=1))
    probabilities = np.zeros(scores.shape)
    truths = [example.paths for example, scored in zip(examples, rows, strict=True) if scored]
    probabilities[rows] = np.exp(temper(scores[rows], fit_temperature(scores[rows], truths)))
    neighbours, weights = _nearest(features.transform_words([example.text for example in examples]), beat)
    votes = np.zeros(scores.shape)
    for place in range(neighbours.shape[1]):  # one after the other: all at once would be NEIGHBOURS times the memory
        votes += weights[:, place, None] * given[neighbours[:, place]]
    judged = np.isfinite(scores) & (given.sum(axis=0) >= FEWEST_OF_PATH)
    return Opinions(probabilities, votes, judged, neighbours)


def label_quality(opinions: Opinions, given: NDArray[np.bool_]) -> Floats:
    """(N,) what is believed of each report's least believed label; 1 where none of its labels can be judged."""
    believed = np.where(given & opinions.judged, _believed(opinions, given), 1.0)
    quality: Floats = believed.min(axis=1)
    return quality


def given_labels(examples: Sequence[Example], paths: int) -> NDArray[np.bool_]:
    """(N, P): which labels the reports carry."""
    given = np.zeros((len(examples), paths), bool)
    for row, example in zip(given, examples, strict=True):
        row[list(example.paths)] = True
    return given


def doubted_places(opinions: Opinions, given: NDArray[np.bool_]) -> list[int]:
    """As many reports as have a label that counts as an error, the least believed first."""
    believed = _believed(opinions, given)
    wrong = np.zeros(len(given), bool)
    for path in np.flatnonzero(given.any(axis=0) & ~given.all(axis=0)):
        of_path, rows = believed[:, path], given[:, path] & opinions.judged[:, path]
        if rows.any():
            present, absent = of_path[given[:, path]].mean(), 1 - of_path[~given[:, path]].mean()
            sure_present = (of_path >= present) & (of_path > 0.5)
            wrong |= rows & (1 - of_path >= absent) & ~sure_present
    order = np.argsort(label_quality(opinions, given), kind="stable")[: int(wrong.sum())]
    return [int(place) for place in order]


def _believed(opinions: Opinions, given: NDArray[np.bool_]) -> Floats:
    """(N, P): k labels of one report share its probability, so k times each one's share counts."""
    shares = opinions.probabilities * np.maximum(given.sum(axis=1, keepdims=True), 1)
    believed: Floats = (np.minimum(shares, 1.0) + opinions.votes) / 2
    return believed


def _nearest(words: csr_matrix, beat: Callable[[], None]) -> tuple[NDArray[np.intp], Floats]:
    """(N, K) the texts whose words are most like each one's, and their weights: their likeness, summing to 1."""
    count = words.shape[0]
    neighbours = np.empty((count, min(NEIGHBOURS, count - 1)), np.intp)
    weights = np.empty(neighbours.shape)
    for start in range(0, count, CHUNK):
        beat()
        likeness = (words[start : start + CHUNK] @ words.T).toarray()
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -1  # itself
        nearest = np.argpartition(-likeness, neighbours.shape[1] - 1, axis=1)[:, : neighbours.shape[1]]
        neighbours[start + rows] = nearest
        weights[start + rows] = np.maximum(np.take_along_axis(likeness, nearest, axis=1), 1e-6)
    return neighbours, weights / weights.sum(axis=1, keepdims=True)


def _doubted(place: int, quality: float, opinions: Opinions, given: NDArray[np.bool_]) -> Doubted:
    believed = opinions.both[place]
    best = int(believed.argmax())
    order = [int(path) for path in np.argsort(-believed, kind="stable")]
    least = max(ALSO_SUGGESTED * believed[best], LEAST_SUGGESTED)
    near = [path for path in order if path == best or believed[path] >= least]
    agreeing = int(given[opinions.neighbours[place], best].sum())
    return Doubted(place, float(quality), tuple(near), float(opinions.probabilities[place, best]), agreeing)
