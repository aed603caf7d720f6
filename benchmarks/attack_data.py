"""The two sets of reports that are attacked: the demo's synthetic ones, and TRAM by document."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks import tram
from benchmarks.tram import Split
from classifier.ml.config import TrainingData
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath
from incidents.demo.reports import generate_reports

TEST, HELD = 0.2, 0.1  # of the synthetic reports


@dataclass(frozen=True)
class AttackData:
    name: str
    split: Split


def attack_data(seed: int, quick: bool) -> list[AttackData]:
    """Raises tram.DataMissing."""
    sets = [AttackData("synthetic", synthetic(seed)), AttackData("TRAM", tram.load().split(seed))]
    return [AttackData(one.name, _shortened(one.split)) for one in sets] if quick else sets


def synthetic(seed: int) -> Split:
    """The demo's 2,400 reports. No two are alike, so that no group is torn apart."""
    reports = list(generate_reports())
    labels = [sorted({LabelPath.of([category], sub) for category, sub in report.rows}) for report in reports]
    paths = tuple(sorted({path for chosen in labels for path in chosen}))
    place = {path: number for number, path in enumerate(paths)}
    examples = [
        Example(f"{report.title}\n{report.text}", tuple(sorted(place[path] for path in chosen)), str(number))
        for number, (report, chosen) in enumerate(zip(reports, labels, strict=True))
    ]
    order = [examples[number] for number in np.random.default_rng(seed).permutation(len(examples))]
    test, held = round(TEST * len(order)), round((TEST + HELD) * len(order))
    return Split(TrainingData(paths, tuple(order[held:]), tuple(order[test:held])), tuple(order[:test]))


def _shortened(split: Split) -> Split:
    data = replace(split.data, train=split.data.train[:300], validation=split.data.validation[:60])
    return Split(data, split.test[:60])
