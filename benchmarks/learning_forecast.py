"""Does the forecast of a learning curve come true?

TRAM. Of half of the documents, drawn by chance, five draws, the curves are measured and forecast, as the page of the
next labels does; what came true is read off the curves measured with all documents, at as many labels as the forecast
is for, between two sizes by a straight line in the logarithm. The half is part of the whole, which makes it somewhat
easier. Classes with a forecast whose labels double within what all documents have.

Rivals: nothing changes any more; and a straight line in the logarithm of the labels through the last two sizes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks import tram
from benchmarks.needs import NotRun
from classifier.ml import learning_curve as ml
from classifier.ml.learning_curve import Curve, Verdict
from classifier.ml.results import Example
from classifier.ml.taxonomy import Taxonomy

NAME = "learning_forecast"
ABOUT = "TRAM: learning curves of half of the documents, their forecasts beside what all documents gave"
SEEDS = range(300, 305)

Pair = tuple[Curve, Curve]  # of half, of all


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    examples = data.examples[::8] if quick else data.examples
    taxonomy = Taxonomy(data.paths)
    whole = {(one.view, one.label): one for one in ml.learning_curves(examples, taxonomy, 0, lambda: None)}
    pairs: list[Pair] = []
    for seed in SEEDS[:1] if quick else SEEDS:
        for curve in ml.learning_curves(_half(examples, seed), taxonomy, seed, lambda: None):
            if curve.then is not None and _target(curve) <= whole[curve.view, curve.label].counts[-1]:
                pairs.append((curve, whole[curve.view, curve.label]))
        print(f"seed {seed}: {len(pairs)} curves so far", flush=True)
    means, classes = ([pair for pair in pairs if bool(pair[0].label) == one] for one in (False, True))
    return {
        "rows": [_row(name, kind, of) for name, of in (("means", means), ("classes", classes)) for kind in FORECASTS],
        "held": {name: _held(of) for name, of in (("means", means), ("classes", classes))},
        "verdicts": _verdicts(classes),
        "note": "error: mean distance in F1 between forecast and what came; by verdict: curves, and the F1 that as many"
        " more labels brought",
    }


def _half(examples: Sequence[Example], seed: int) -> list[Example]:
    documents = sorted({example.group for example in examples})
    drawn = set(np.random.default_rng(seed).permutation(documents)[: len(documents) // 2].tolist())
    return [example for example in examples if example.group in drawn]


def _target(curve: Curve) -> int:
    return curve.labels + curve.more


def _at(curve: Curve, labels: float) -> float:
    """The F1 measured at so many labels; at the ends that of the nearest size."""
    return float(np.interp(np.log(labels), np.log(curve.counts), curve.f1))


def _by_law(curve: Curve) -> float:
    assert curve.then is not None
    return curve.then


def _unchanged(curve: Curve) -> float:
    return curve.f1[-1]


def _line(curve: Curve) -> float:
    x, y = np.log(curve.counts), curve.f1
    slope = (y[-1] - y[-2]) / max(x[-1] - x[-2], 1e-9)
    return float(np.clip(y[-1] + slope * (np.log(_target(curve)) - x[-1]), 0, 1))


FORECASTS: Mapping[str, Callable[[Curve], float]] = {
    "power law with a floor": _by_law,
    "nothing changes": _unchanged,
    "line through the last two": _line,
}


def _row(name: str, kind: str, pairs: Sequence[Pair]) -> dict[str, Any]:
    misses = np.array([FORECASTS[kind](half) - _at(whole, _target(half)) for half, whole in pairs])
    return {
        "of": name,
        "forecast": kind,
        "curves": len(pairs),
        "error": round(float(np.abs(misses).mean()), 4) if pairs else None,
        "bias": round(float(misses.mean()), 4) if pairs else None,
    }


def _held(pairs: Sequence[Pair]) -> float | None:
    """The share of 95 % intervals that hold what came."""
    held = [
        half.then_low <= _at(whole, _target(half)) <= half.then_high
        for half, whole in pairs
        if half.then_low is not None and half.then_high is not None
    ]
    return round(float(np.mean(held)), 3) if held else None


def _verdicts(pairs: Sequence[Pair]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for verdict in Verdict:
        of = [pair for pair in pairs if pair[0].verdict == verdict]
        brought = np.array([_at(whole, _target(half)) - _at(whole, half.labels) for half, whole in of])
        if of:
            found[verdict] = {
                "curves": len(of),
                "brought": round(float(brought.mean()), 4),
                "worth telling": round(float((brought >= ml.WORTH).mean()), 3),
            }
    return found
