"""Are planted errors found among labels, and how many sound labels are doubted with them?

TRAM, five draws: one label of 5 % of the sentences is replaced by another one, drawn at random. Looked at are as many
sentences as were changed, the most doubted first (precision and recall are then one figure), and those that a way
doubts by itself. cleanlab gets the probabilities that ours has, with and without the neighbours' votes, so that only
the way of counting and ordering differs. The number of neighbours was chosen on a sixth draw. What TRAM had wrong
before counts against everybody.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import tram
from benchmarks.needs import NotRun
from classifier.ml.doubts import Opinions, doubted_places, form_opinions, given_labels, label_quality
from classifier.ml.results import Example
from classifier.ml.taxonomy import Taxonomy

NAME = "doubts"
ABOUT = "planted label errors in TRAM found by confident learning, beside cleanlab and chance"
SEEDS = range(1, 6)
FLIPPED = 0.05

Figures = dict[str, float]
Found = tuple[NDArray[np.float64], Sequence[int]]  # (N,) quality, low is doubted; the places doubted by itself


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    examples = data.examples[:800] if quick else data.examples
    draws = [_draw(examples, Taxonomy(data.paths), seed) for seed in (SEEDS[:1] if quick else SEEDS)]
    return {
        "rows": [{"way": way, **_mean([draw[way] for draw in draws])} for way in draws[0]],
        "sentences": len(examples),
        "flipped": round(FLIPPED * len(examples)),
        "by_draw": draws,
        "note": "percent, means over the draws with the spread (standard deviation) behind ±",
    }


def _draw(examples: Sequence[Example], taxonomy: Taxonomy, seed: int) -> dict[str, Figures]:
    planted, wrong = _planted(examples, len(taxonomy), seed)
    opinions = form_opinions(planted, taxonomy, seed, lambda: None)
    alone = Opinions(opinions.probabilities, opinions.probabilities, opinions.judged, opinions.neighbours)
    given = given_labels(planted, len(taxonomy))
    ways = {
        "ours": _ours(opinions, given),
        "ours, without the neighbours": _ours(alone, given),
        "cleanlab": _cleanlab(opinions.probabilities, planted),
        "cleanlab, with the neighbours": _cleanlab(opinions.both, planted),
        "chance": (np.random.default_rng(seed).random(len(planted)), []),
    }
    return {way: _figures(found, wrong) for way, found in ways.items() if found is not None}


def _planted(examples: Sequence[Example], paths: int, seed: int) -> tuple[list[Example], NDArray[np.bool_]]:
    """The sentences with errors among them, and which they are."""
    rng = np.random.default_rng(seed)
    planted, wrong = list(examples), np.zeros(len(examples), bool)
    for place in rng.permutation(len(examples))[: round(FLIPPED * len(examples))]:
        example = planted[place]
        kept = list(example.paths)
        kept.pop(int(rng.integers(len(kept))))
        other = int(rng.choice([path for path in range(paths) if path not in example.paths]))
        planted[place] = Example(example.text, tuple(sorted([*kept, other])), example.group)
        wrong[place] = True
    return planted, wrong


def _ours(opinions: Opinions, given: NDArray[np.bool_]) -> Found:
    return label_quality(opinions, given), doubted_places(opinions, given)


def _cleanlab(probabilities: NDArray[np.float64], planted: Sequence[Example]) -> Found | None:
    """Its label sets with its defaults; None where it is not installed."""
    try:
        from cleanlab.multilabel_classification import get_label_quality_scores
        from cleanlab.multilabel_classification.filter import find_label_issues
    except ImportError:
        return None
    labels = [list(example.paths) for example in planted]
    issues = find_label_issues(labels, probabilities, n_jobs=1)
    return get_label_quality_scores(labels, probabilities), np.flatnonzero(issues).tolist()


def _figures(found: Found, wrong: NDArray[np.bool_]) -> Figures:
    quality, own = found
    at_count = wrong[np.argsort(quality, kind="stable")[: wrong.sum()]].mean()
    figures = {"found among as many as planted": 100 * float(at_count)}
    if len(own):
        hits = wrong[list(own)].sum()
        figures |= {
            "doubted by itself": float(len(own)),
            "precision": 100 * float(hits / len(own)),
            "recall": 100 * float(hits / wrong.sum()),
        }
    return figures


def _mean(draws: Sequence[Figures]) -> dict[str, str]:
    names = {name: None for draw in draws for name in draw}
    spread = {name: [draw[name] for draw in draws if name in draw] for name in names}
    return {name: f"{np.mean(values):.1f} ± {np.std(values):.1f}" for name, values in spread.items()}
