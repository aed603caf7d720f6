"""Is the hybrid as good as the better linear rival, and does it know better what it knows?

TRAM, five splits by document. Accuracy and macro-F1 of exact strings, as the reference system scores them. Rivals are
trained for each column by itself (a sub-category names its categories here, so one model serves both other columns);
ours decides once. All learn from training and validation documents, and are calibrated on the validation documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import t as student

from benchmarks import tram
from benchmarks.needs import NotRun
from benchmarks.rivals import RIVALS, answers
from classifier.ml.calibration import FLOOR, brier_score, expected_calibration_error
from classifier.ml.config import TrainingConfig
from classifier.ml.conformal import coverage_of
from classifier.ml.decision import exactly_right
from classifier.ml.hybrid import HybridModel
from classifier.ml.metrics import SUREST, string_scores
from classifier.ml.reliance import AUTO, CATEGORY, Reliance
from classifier.ml.results import Classification, Example
from classifier.ml.taxonomy import join_labels
from classifier.ml.training import fit

NAME = "quality"
ABOUT = "TRAM by document, five seeds: hybrid, its experts, linear SVM and logistic regression"
SEEDS = range(5)
VIEWS = ("category", "sub_category", "both")
COVERAGE = 0.9
OURS = {"blend": "hybrid", "linear": "linear expert", "t5": "small-scratch T5"}

Figures = dict[str, float]


@dataclass(frozen=True)
class _Said:
    """What a model said of the test reports: strings by view, confidence in "both", p of the one true label."""

    strings: dict[str, list[str]]
    confidence: NDArray[np.float64]
    of_truth: NDArray[np.float64]  # (N,), NaN for reports with several labels


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    seeds = [_seed(data, seed, quick) for seed in (SEEDS[:1] if quick else SEEDS)]
    models = list(seeds[0])
    return {
        "rows": [{"model": model, **_summary([one[model] for one in seeds])} for model in models],
        "against_the_better_rival": _against(seeds),
        "by_seed": seeds,
        "coverage_promised": COVERAGE,
        "note": "x ± y: mean and half of its 95 % interval (Student, over the seeds); accuracies and F1 in percent",
    }


def _seed(data: tram.Tram, seed: int, quick: bool) -> dict[str, Figures]:
    split = data.split(seed)
    if quick:
        train, validation = split.data.train[:400], split.data.validation[:60]
        split = tram.Split(replace(split.data, train=train, validation=validation), split.test[:80])
    config = TrainingConfig(seed=seed, epochs=1 if quick else None, device="cpu")
    with TemporaryDirectory() as folder:
        model = fit(split.data, config, Path(folder), lambda progress: None)
    truth = {view: data.strings(split.test, view) for view in VIEWS}
    parts = model.classify_parts([example.text for example in split.test])
    figures = {OURS[name]: _figures(_ours(data, rows, split.test), truth) for name, rows in parts.items()}
    figures["hybrid"] |= _sets(model, parts["blend"], split.test) | _back_off(data, parts["blend"], split.test)
    validation = model.report["validation"]
    for name, shown in OURS.items():
        figures[shown]["validation_exact"] = 100 * validation[name]["exact_set"]
    figures["hybrid"] |= {"t5_weight": model.weight, **model.report["seconds"]}
    figures |= {name: _figures(_rival(data, split, name), truth) for name in RIVALS}
    print(f"seed {seed} ({model.report['machine']}): {figures}", flush=True)
    return figures


def _ours(data: tram.Tram, rows: Sequence[Classification], test: Sequence[Example]) -> _Said:
    decided = [row.decided for row in rows]
    return _Said(
        {view: data.decided_strings(decided, view) for view in VIEWS},
        np.array([row.confidence for row in rows]),
        np.array([
            row.probabilities[example.paths[0]] if len(example.paths) == 1 else np.nan
            for row, example in zip(rows, test, strict=True)
        ]),
    )  # fmt: skip


def _rival(data: tram.Tram, split: tram.Split, name: str) -> _Said:
    def asked(view: str) -> Any:
        learnt = [
            ([e.text for e in side], data.strings(side, view)) for side in (split.data.train, split.data.validation)
        ]
        return answers(RIVALS[name], learnt[0], learnt[1], [example.text for example in split.test])

    category, both = asked("category"), asked("both")
    single = {data.strings([example], "both")[0] for example in data.examples if len(example.paths) == 1}
    column = {label: place for place, label in enumerate(both.classes) if label in single}
    # Ours spreads probability over single labels; so that log loss compares, theirs over joint ones is left out.
    spread = logsumexp(both.log_probabilities[:, sorted(column.values())], axis=1)
    truths = data.strings(split.test, "both")
    return _Said(
        {
            "category": category.predicted,
            "sub_category": [label.split(" subcategory: ")[1] for label in both.predicted],
            "both": both.predicted,
        },
        np.exp(both.log_probabilities.max(axis=1)),
        np.array([
            (np.exp(row[column[label]] - all_single) if label in column else 0.0) if len(example.paths) == 1 else np.nan
            for row, all_single, label, example in zip(
                both.log_probabilities, spread, truths, split.test, strict=True
            )
        ]),
    )  # fmt: skip


def _figures(said: _Said, truth: dict[str, list[str]]) -> Figures:
    figures: Figures = {}
    for view in VIEWS:
        scores = string_scores(truth[view], said.strings[view])
        figures |= {f"{view} accuracy": 100 * scores["accuracy"], f"{view} macro-F1": 100 * scores["macro_f1"]}
    right = np.array([a == b for a, b in zip(truth["both"], said.strings["both"], strict=True)])
    surest = np.argsort(-said.confidence, kind="stable")[: round(SUREST * len(right))]
    single = said.of_truth[~np.isnan(said.of_truth)]
    return figures | {
        "nll": float(-np.log(np.maximum(single, FLOOR)).mean()),
        "ece": expected_calibration_error(said.confidence, right),
        "brier": brier_score(said.confidence, right),
        "gain at 80 % decided": 100 * float(right[surest].mean() - right.mean()),
    }


def _sets(model: HybridModel, rows: Sequence[Classification], test: Sequence[Example]) -> Figures:
    sets = model.candidates(rows, COVERAGE)
    above = model.candidate_categories(rows, COVERAGE)
    wanted = [tuple(model.taxonomy.category_sets[list(example.paths)].tolist()) for example in test]
    return {
        "coverage": 100 * coverage_of(sets, [example.paths for example in test]),
        "set size": float(np.mean([len(found) for found in sets])),
        "category coverage": 100 * coverage_of(above, wanted),
    }


def _back_off(data: tram.Tram, rows: Sequence[Classification], test: Sequence[Example]) -> Figures:
    """What is decided where a wrong label costs ten looks, hence from a confidence of 0.9: labels, or categories."""
    reliance = Reliance(0.9, COVERAGE)
    decisions = np.array([reliance.decision(row, [data.paths[index] for index in row.decided]) for row in rows])
    truth = data.strings(test, "category")
    category_right = np.array([join_labels(row.categories) == label for row, label in zip(rows, truth, strict=True)])
    right = exactly_right([row.decided for row in rows], [example.paths for example in test])
    sure = np.array([row.category_confidence for row in rows])
    return {
        "category ece": expected_calibration_error(sure, category_right),
        "decided automatically": 100 * float((decisions == AUTO).mean()),
        "of these right": 100 * float(right[decisions == AUTO].mean()),
        "only the category": 100 * float((decisions == CATEGORY).mean()),
        "of these category right": 100 * float(category_right[decisions == CATEGORY].mean()),
    }


def _summary(seeds: Sequence[Figures]) -> dict[str, str]:
    return {name: _interval([one[name] for one in seeds]) for name in seeds[0]}


def _interval(values: Sequence[float]) -> str:
    places = 1 if max(map(abs, values)) > 5 else 3
    if len(values) < 2:
        return f"{values[0]:.{places}f}"
    half = student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{np.mean(values):.{places}f} ± {half:.{places}f}"


def _against(seeds: Sequence[dict[str, Figures]]) -> Figures:
    """By metric, the hybrid's mean minus that of the better rival: points, and nats or shares for what is lower."""
    means = {
        model: {name: float(np.mean([one[model][name] for one in seeds])) for name in seeds[0][model]}
        for model in ("hybrid", *RIVALS)
    }
    result = {}
    for name in means[next(iter(RIVALS))]:
        rivals = [means[rival][name] for rival in RIVALS]
        best = min(rivals) if name in {"nll", "ece", "brier"} else max(rivals)
        result[name] = round(means["hybrid"][name] - best, 4)
    return result
