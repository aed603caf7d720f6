"""What else a stream could be judged by: PyOD's ECOD and HBOS, river's half-space trees, chance.

Each gives scores of the rows that it learned from, for its threshold, and of those that are asked.
"""

import warnings
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
from sklearn.preprocessing import MinMaxScaler

from benchmarks.needs import NotRun
from benchmarks.nsl_kdd_data import Floats
from events.stream.detector import ColdStart, Detector

Scores = tuple[Floats, Floats]
Way = Callable[[Floats, Floats, tuple[str, ...], int], Scores]


def detector(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Scores:
    fitted = Detector.fit(learned, names, seed)
    return fitted.reference, fitted.score(asked)


def cold_start(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Scores:
    fitted = ColdStart.fit(learned, names)
    return fitted.reference, fitted.score(asked)


def pyod_ecod(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Scores:
    """Asked in one batch, which it ranks together: better for it than any stream could."""
    _needs("pyod")
    from pyod.models.ecod import ECOD

    fitted = ECOD().fit(learned)
    return fitted.decision_scores_, fitted.decision_function(asked)


def pyod_hbos(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Scores:
    _needs("pyod")
    from pyod.models.hbos import HBOS

    fitted = HBOS().fit(learned)
    return fitted.decision_scores_, fitted.decision_function(asked)


def half_space_trees(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Scores:
    """25 trees as in the paper, 8 levels high; it learns on while it is asked."""
    _needs("river")
    from river.anomaly import HalfSpaceTrees

    scaler = MinMaxScaler(clip=True).fit(learned)  # it expects values from 0 to 1
    trees = HalfSpaceTrees(n_trees=25, height=8, seed=seed)

    def scores(rows: Floats) -> Floats:
        found = np.empty(len(rows))
        for place, row in enumerate(scaler.transform(rows).tolist()):
            event = dict(zip(names, row, strict=True))
            found[place] = trees.score_one(event)
            trees.learn_one(event)
        return found

    scores(learned)
    return scores(learned), scores(asked)


def always(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Scores:
    return np.zeros(len(learned)), np.ones(len(asked))


def chance(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Scores:
    generator = np.random.default_rng(seed)
    return generator.random(len(learned)), generator.random(len(asked))


WAYS: dict[str, Way] = {
    "detector": detector,
    "cold start (frozen ECOD)": cold_start,
    "PyOD ECOD": pyod_ecod,
    "PyOD HBOS": pyod_hbos,
    "river HalfSpaceTrees": half_space_trees,
    "always fire": always,
    "random": chance,
}


def versions_of_rivals() -> dict[str, str]:
    return {package: version(package) for package in ("pyod", "river") if find_spec(package)}


def _needs(package: str) -> None:
    if find_spec(package) is None:
        raise NotRun(f"{package} is not installed: pip install -r requirements/bench.txt")
    warnings.filterwarnings("ignore", module=package)
