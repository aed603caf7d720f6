"""One training run: the linear expert, then T5 where the base model asks for one, then their blend."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from classifier.ml.blend import blend, fit_blend
from classifier.ml.config import NO_T5, Progress, TrainingConfig, TrainingData
from classifier.ml.conformal import LabelSets
from classifier.ml.expert import Decider, validation_score
from classifier.ml.features import TextFeatures
from classifier.ml.hierarchy import CategoryLevel
from classifier.ml.hybrid import HybridModel
from classifier.ml.linear import MACHINES, SVM, LinearExpert
from classifier.ml.metrics import evaluate
from classifier.ml.results import Classification, Example, Scores
from classifier.ml.svd import SvdEmbedder
from classifier.ml.t5_protocol import TextEncoder
from classifier.ml.taxonomy import LabelPath, Taxonomy

ENOUGH_VALIDATION = 10  # rows; with fewer, a fitted temperature is noise
# Softmax of raw margins (about -1 to 1) is far too flat; this is what fitting finds on real reports.
UNFITTED_LINEAR_TEMPERATURE = 0.2

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class _Held:
    """What is held out to choose and calibrate by; empty where it could only mislead."""

    examples: Sequence[Example]
    cap: int
    notes: tuple[str, ...] = ()

    @property
    def texts(self) -> list[str]:
        return [example.text for example in self.examples]

    @property
    def truths(self) -> list[tuple[int, ...]]:
        return [example.paths for example in self.examples]


def fit(data: TrainingData, config: TrainingConfig, workdir: Path, progress: OnProgress) -> HybridModel:
    """Trains a model, ready to be saved; its `report` holds validation figures, notes and seconds.

    `workdir` holds the T5's checkpoints: called again with the same data and config it resumes and ends with
    the same model as an undisturbed run. An exception raised by `progress` passes through (cancel).
    Raises BaseModelUnavailable if the base model cannot be had.
    """
    started = time.monotonic()
    taxonomy = Taxonomy(data.paths)
    held = _held_out(data)

    progress(Progress("linear", "training the linear expert"))
    linear = _better_machine(data, taxonomy, config, held)
    scores = {"linear": linear.score(held.texts)}
    linear_done = time.monotonic()

    t5 = _fit_t5(data, config, workdir, progress, linear)
    weight, decider, mixed = 0.0, linear.decider, scores["linear"]
    if t5 is not None:
        progress(Progress("calibration", "calibrating T5 and choosing its weight in the blend"))
        scores["t5"] = t5.as_served().score(held.texts)
        t5.decider = Decider.fit(scores["t5"].log_probabilities, held.truths, held.cap)
        both, read = _calibrated(t5, linear, scores), scores["t5"].read
        weight, decider = fit_blend(*both, held.truths, held.cap, read)
        mixed = Scores(blend(*both, weight, read))
    figures = _figures(linear, t5, decider, scores, mixed, held, data.paths)
    final = np.exp(decider.log_probabilities(mixed))
    t5_done = time.monotonic()

    progress(Progress("linear", "training the linear expert again, on training and validation reports"))
    linear = _refitted(linear, data, taxonomy, config)
    svd = None if t5 else SvdEmbedder.fit(linear.features, [e.text for e in data.train], config.seed)
    report = {
        "validation": figures,
        "weight": weight,
        "machine": linear.machine,
        "notes": list(held.notes),
        "seconds": {
            "linear": round(linear_done - started + time.monotonic() - t5_done, 3),
            "t5": round(t5_done - linear_done, 3),
        },
    }
    return HybridModel(
        taxonomy, config.base_model, decider, linear, t5, svd, weight,
        CategoryLevel.fit(taxonomy, final, held.truths, held.cap),
        LabelSets.fit(final, held.truths),
        report,
    )  # fmt: skip


def _held_out(data: TrainingData) -> _Held:
    cap = data.largest_set
    if len(data.validation) < ENOUGH_VALIDATION:
        reason = f"only {len(data.validation)} validation reports"
    elif len({path for example in data.validation for path in example.paths}) < 2:
        reason = "the validation reports all have one label"
    else:
        return _Held(data.validation, cap)
    return _Held((), cap, (f"{reason}: probabilities are not calibrated, label more reports",))


def _better_machine(data: TrainingData, taxonomy: Taxonomy, config: TrainingConfig, held: _Held) -> LinearExpert:
    """The linear expert whose machine decides more validation reports right; equals go by likelihood."""
    features = TextFeatures.fit([example.text for example in data.train], len(taxonomy))
    trials: list[tuple[tuple[float, float], LinearExpert]] = []
    for machine in MACHINES if held.examples else (SVM,):
        expert = LinearExpert.fit(data.train, taxonomy, config.seed, machine, features)
        scores = expert.score(held.texts)
        expert.decider = _linear_decider(scores, held)
        trials.append((validation_score(expert.decider, scores, held.truths), expert))
    return max(trials, key=lambda trial: trial[0])[1]


def _linear_decider(scores: Scores, held: _Held) -> Decider:
    fitted = Decider.fit(scores.log_probabilities, held.truths, held.cap)
    return fitted if held.examples else replace(fitted, temperature=UNFITTED_LINEAR_TEMPERATURE)


def _fit_t5(
    data: TrainingData, config: TrainingConfig, workdir: Path, progress: OnProgress, teacher: LinearExpert
) -> TextEncoder | None:
    if config.base_model == NO_T5:
        return None
    from classifier.ml.t5_training import fit_t5  # torch only where a T5 is trained

    return fit_t5(data, config, workdir, progress, teacher)


def _calibrated(t5: TextEncoder, linear: LinearExpert, scores: dict[str, Scores]) -> tuple[Any, Any]:
    return (
        t5.decider.log_probabilities(scores["t5"]),
        linear.decider.log_probabilities(scores["linear"]),
    )


def _figures(
    linear: LinearExpert, t5: TextEncoder | None, decider: Decider,
    scores: dict[str, Scores], mixed: Scores, held: _Held, paths: Sequence[LabelPath],
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Validation figures of each expert and of the blend, from before the linear expert is refitted."""
    if not held.examples:
        return {}
    classified: dict[str, list[Classification]] = {"linear": linear.decider.classify(scores["linear"])}
    if t5 is not None:
        classified["t5"] = t5.decider.classify(scores["t5"])
        classified["blend"] = decider.classify(mixed)
    return {name: _short(evaluate(rows, held.examples, paths)) for name, rows in classified.items()}


def _short(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures without what is long: per-class rows and the confusion matrix."""
    return {
        name: {key: part for key, part in value.items() if key != "classes"} if isinstance(value, dict) else value
        for name, value in figures.items()
        if name != "confusion"
    }


def _refitted(linear: LinearExpert, data: TrainingData, taxonomy: Taxonomy, config: TrainingConfig) -> LinearExpert:
    """The linear expert trained on all that is labelled, with the calibration earned on held-out reports."""
    if not data.validation:
        return linear
    refitted = LinearExpert.fit((*data.train, *data.validation), taxonomy, config.seed, linear.machine)
    refitted.decider = linear.decider
    return refitted
