"""What each base model costs in service: parameters, memory, speed. Source of classifier/ml/presets.py's figures."""

import time
from statistics import median
from typing import Any

from benchmarks.processes import in_own_process, peak_mb
from benchmarks.samples import classifier_of, default_paths, label_texts, reports, texts_of
from benchmarks.shapes import SHAPES, random_t5
from classifier.ml.config import SMALL_SCRATCH
from classifier.ml.scratch import scratch_t5
from classifier.ml.t5 import T5Classifier

NAME = "presets"
ABOUT = "base models in service at 100 tokens a report on one thread, float32, random weights of the published shapes"
TOKENS = 100
REPORTS = {SMALL_SCRATCH: 500, "flan-t5-small": 64, "flan-t5-base": 24, "flan-t5-large": 10, "flan-t5-xl": 4}
ROUNDS = 3
UNIT = "flan-t5-small"


def run(quick: bool) -> dict[str, Any]:
    names = (SMALL_SCRATCH, UNIT) if quick else (SMALL_SCRATCH, *SHAPES)
    rows = [in_own_process(_measure, name, 8 if quick else REPORTS[name]) for name in names]
    unit = next(row["reports/s"] for row in rows if row["base model"] == UNIT)
    return {"rows": [{**row, "relative speed": row["reports/s"] / unit} for row in rows]}


def _measure(name: str, count: int) -> dict[str, Any]:
    before = peak_mb()  # interpreter and libraries
    classifier = _classifier(name)
    texts = texts_of(TOKENS, count)
    taken = []
    for _ in range(ROUNDS + 1):
        start = time.process_time()
        classifier.score(texts)
        taken.append(time.process_time() - start)
    parameters = sum(weight.numel() for weight in classifier.model.parameters())
    return {
        "base model": name,
        "parameters": parameters,
        "weights MB": 4 * parameters / 2**20,
        "peak MB": peak_mb(),
        "of it libraries MB": before,
        "reports/s": count / median(taken[1:]),
    }


def _classifier(name: str) -> T5Classifier:
    """Labels as each kind of base takes them: two tokens, or texts."""
    if name == SMALL_SCRATCH:
        return scratch_t5(reports(), default_paths(), seed=1, max_tokens=TOKENS)
    return classifier_of(random_t5(name), label_texts(default_paths()), TOKENS)
