"""What one bad labeller does to a model, what notices it, and whether leaving their labels out undoes it.

TRAM, one split by document, the linear expert (as `none` trains it). The labeller has decided some of the training
reports, all of them wrongly: a share of all, each with another label at random; or a share of those of the most
frequent label, all given to the second. Test documents keep their labels. "Left out" trains on the rest, which is the
dataset that a selection without that person freezes (tests/classifier/services/test_poisoned_labels.py). The doubts
are those of the product (classifier/ml/doubts.py), the gate has its defaults, with the model of right labels as
champion.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import tram
from benchmarks.needs import NotRun
from classifier.ml.config import NO_T5, TrainingConfig
from classifier.ml.doubts import doubted_places, form_opinions, given_labels
from classifier.ml.gate import GateRules, judge
from classifier.ml.metrics import evaluate
from classifier.ml.results import Example
from classifier.ml.taxonomy import Taxonomy
from classifier.ml.training import fit

NAME = "poison"
ABOUT = "one bad labeller on TRAM: the harm, what doubts and gate notice, and what leaving their labels out gives back"
SEEDS = (0,)
RANDOM, TARGETED = (0.05, 0.1, 0.2), (0.5, 1.0)
RULES = GateRules()

Figures = dict[str, Any]


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    rounds = [_round(data.split(seed), seed, quick) for seed in (SEEDS[:1] if quick else SEEDS)]
    rows = [{"labels": name, **_mean([one[name] for one in rounds])} for name in rounds[0]]
    return {"rows": rows, "by_seed": rounds, "gate": asdict(RULES), "note": "percent"}


def _round(split: tram.Split, seed: int, quick: bool) -> dict[str, Figures]:
    if quick:
        split = tram.Split(replace(split.data, train=split.data.train[:400]), split.test[:200])
    train = list(split.data.train)
    (hit, _), (wanted, _) = Counter(one.paths[0] for one in train if len(one.paths) == 1).most_common(2)
    measure = _Measure(split, seed, hit)
    champion = measure.trained(train)
    found = {"all right": measure.told(champion)}
    for share in RANDOM[-1:] if quick else RANDOM:
        theirs = _drawn(range(len(train)), share, seed)
        wrong = _at_random(train, theirs, len(split.data.paths), seed)
        found[f"{share:.0%} of all, at random"] = measure.harm(train, wrong, theirs, champion)
    for share in TARGETED[-1:] if quick else TARGETED:
        theirs = _drawn([place for place, one in enumerate(train) if one.paths == (hit,)], share, seed)
        wrong = [replace(one, paths=(wanted,)) if place in theirs else one for place, one in enumerate(train)]
        found[f"{share:.0%} of one label, to another"] = measure.harm(train, wrong, theirs, champion)
    return found


def _drawn(places: Sequence[int], share: float, seed: int) -> set[int]:
    chosen = np.random.default_rng(seed).permutation(np.array(places))[: round(share * len(places))]
    return {int(place) for place in chosen}


def _at_random(train: Sequence[Example], theirs: set[int], paths: int, seed: int) -> list[Example]:
    draw = np.random.default_rng(seed + 100)
    return [
        replace(one, paths=(int(draw.choice([path for path in range(paths) if path not in one.paths])),))
        if place in theirs
        else one
        for place, one in enumerate(train)
    ]


class _Measure:
    """Trains on other labels of one split and tells what its frozen test reports say; `hit` is the attacked label."""

    def __init__(self, split: tram.Split, seed: int, hit: int) -> None:
        self.split, self.seed, self.hit = split, seed, hit
        self.paths = split.data.paths

    def trained(self, train: Sequence[Example]) -> Figures:
        """`metrics.evaluate` of the model, with the recall of the attacked label in percent under "hit"."""
        data = replace(self.split.data, train=tuple(train))
        config = TrainingConfig(base_model=NO_T5, seed=self.seed)
        with TemporaryDirectory() as folder:
            model = fit(data, config, Path(folder), lambda progress: None)
        results = model.classify_batch([one.text for one in self.split.test])
        of_hit = [self.hit in row.decided for row, one in zip(results, self.split.test, strict=True)
                  if one.paths == (self.hit,)]  # fmt: skip
        return evaluate(results, self.split.test, self.paths) | {"hit": 100 * mean(of_hit)}

    def told(self, figures: Figures) -> Figures:
        return {"exact": 100 * figures["both"]["accuracy"], "of the label": figures["hit"]}

    def harm(self, right: Sequence[Example], wrong: Sequence[Example], theirs: set[int], champion: Figures) -> Figures:
        poisoned = self.trained(wrong)
        rest = self.trained([one for place, one in enumerate(wrong) if place not in theirs])
        doubted = self._doubted(wrong)
        row = self.told(poisoned) | {
            "left out: exact": 100 * rest["both"]["accuracy"],
            "left out: of the label": rest["hit"],
            "their labels": len(theirs),
            "doubts: recall": 100 * len(doubted & theirs) / len(theirs),
            "doubts: precision": 100 * len(doubted & theirs) / max(1, len(doubted)),
            "gate refuses": 100.0 * (not judge(poisoned, champion, RULES).passed),
            "gate refuses the rest": 100.0 * (not judge(rest, champion, RULES).passed),
        }
        print(self.seed, row, flush=True)
        return row

    def _doubted(self, labelled: Sequence[Example]) -> set[int]:
        taxonomy = Taxonomy(self.paths)
        opinions = form_opinions(labelled, taxonomy, self.seed, lambda: None)
        return set(doubted_places(opinions, given_labels(labelled, len(taxonomy))))


def _mean(rounds: Sequence[Figures]) -> Figures:
    return {name: round(mean(one[name] for one in rounds), 1) for name in rounds[0]}
