"""Log lines of a supercomputer (loghub BGL_2k, 143 of 2,000 lines are alerts): what a detector makes of their text.

Features are those of the stream, computed line by line before a line is counted: rarity of its template, length,
share of digits; a second detector also has the fields that come with the line. The rivals are forests on words. Three
ways to ask: learn from every line and judge every line; learn from a random half and judge the other; learn from
the first half and judge the second, in which much of what is ordinary is new, so that what is merely new comes first.
"""

import csv
import os
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.needs import NotRun
from events.stream.detector import Detector
from events.stream.features import TEMPLATE, message_features, rarity
from events.stream.templates import Templates

NAME = "bgl"
ABOUT = "average precision of alerts among log lines (BGL_2k), learned without labels, five seeds"
SEEDS = range(5)
FIELDS = ("Component", "Level", "Type")

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Line = dict[str, str]
Score = Callable[[Places, Places, int], Floats]


def run(quick: bool) -> dict[str, Any]:
    lines = _lines()
    alert = np.array([line["Label"] != "-" for line in lines])
    messages = np.array([line["Content"] for line in lines], dtype=object)
    ways: dict[str, Score] = {
        "detector, message alone": _detector(_features(lines, ())),
        f"detector, message and {', '.join(FIELDS)}": _detector(_features(lines, FIELDS)),
        "TF-IDF + IsolationForest": _words(messages, TfidfVectorizer),
        "the reference's: word counts + IsolationForest": _words(messages, CountVectorizer),
    }
    seeds = list(SEEDS)[: 1 if quick else None]
    found = {name: [_measured(way, alert, seed) for seed in seeds] for name, way in ways.items()}
    return {"rows": [_row(name, figures) for name, figures in found.items()], "seeds": found, "chance": alert.mean()}


def _lines() -> list[Line]:
    file = Path(os.environ.get("CASELOOP_DATA", "")) / "loghub" / "BGL_2k.log_structured.csv"
    if not file.is_file():
        raise NotRun(f"{file} is missing: set CASELOOP_DATA")
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _features(lines: list[Line], fields: tuple[str, ...]) -> Floats:
    """(N, 3 + fields): each line against the lines before it."""
    templates, counts, rows = Templates(), defaultdict(Counter), []
    for number, line in enumerate(lines):
        values = {TEMPLATE: templates.of(line["Content"]).text, **{field: line[field] for field in fields}}
        rows.append([rarity(counts[field][value], number) for field, value in values.items()])
        for field, value in values.items():
            counts[field][value] += 1
    return np.hstack([np.array(rows), message_features([line["Content"] for line in lines])])


def _detector(features: Floats) -> Score:
    names = [str(number) for number in range(features.shape[1])]
    return lambda learned, asked, seed: Detector.fit(features[learned], names, seed).score(features[asked])


def _words(messages: NDArray[np.object_], kind: type[CountVectorizer]) -> Score:
    def score(learned: Places, asked: Places, seed: int) -> Floats:
        words = kind().fit(messages[learned])
        forest = IsolationForest(n_estimators=100, random_state=seed).fit(words.transform(messages[learned]))
        return -forest.score_samples(words.transform(messages[asked]))

    return score


def _measured(way: Score, alert: NDArray[np.bool_], seed: int) -> dict[str, float]:
    everything, half = np.arange(len(alert)), len(alert) // 2
    shuffled = np.random.default_rng(seed).permutation(len(alert))
    figures = {}
    for name, learned, asked in [
        ("every_line", everything, everything),
        ("random_half", np.sort(shuffled[:half]), np.sort(shuffled[half:])),
        ("second_half", everything[:half], everything[half:]),
    ]:
        scores = way(learned, asked, seed)
        figures[f"{name}_ap"] = float(average_precision_score(alert[asked], scores))
        figures[f"{name}_auc"] = float(roc_auc_score(alert[asked], scores))
    return figures


def _row(name: str, figures: list[dict[str, float]]) -> dict[str, Any]:
    row: dict[str, Any] = {"way": name}
    for figure in figures[0]:
        values = [one[figure] for one in figures]
        row[figure] = round(float(np.mean(values)), 3)
        if figure.endswith("_ap"):
            row[f"{figure}_spread"] = round(float(np.std(values)), 3)
    return row
