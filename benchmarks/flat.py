"""Whether a report costs the same in a queue of any length, and what memory the queue takes at most."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.processes import in_own_process, peak_mb
from benchmarks.samples import classifier_of, default_paths, reports, vocabulary
from benchmarks.shapes import random_t5
from classifier.ml.bases import text_labels
from classifier.ml.expert import Decider
from classifier.ml.features import TextFeatures
from classifier.ml.hybrid import HybridModel
from classifier.ml.linear import LinearExpert
from classifier.ml.scratch import scratch_t5
from classifier.ml.taxonomy import LabelPath, Taxonomy
from classifier.ml.vocabulary import Tokenizer

NAME = "flat"
ABOUT = "cost of a report in queues of 100 to 100,000 (small-scratch, lengths as of real complaints), and peak memory"
COUNTS = (100, 1_000, 10_000, 100_000)
TIMED = 2_000  # reports at least in a timing: short queues are timed several times
MEDIAN_WORDS, SPREAD = 52, 0.89  # of a log-normal: median 66 tokens, mean 98, as of 5,183 real complaints
MOST_WORDS = 1_000
MANY = 2_000  # paths of a large taxonomy


def run(quick: bool) -> dict[str, Any]:
    counts = COUNTS[:1] if quick else COUNTS
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        _hybrid(default_paths()).save(small, dataset_hash="", code_version="", metrics={})
        _hybrid(_many_paths(50 if quick else MANY)).save(large, dataset_hash="", code_version="", metrics={})
        rows = [
            *(_row("T5, 40 paths", count, in_own_process(_t5, small, count)) for count in counts),
            *(_row("hybrid, 40 paths", count, in_own_process(_whole, small, count)) for count in counts),
            *(_row(f"hybrid, {MANY} paths", count, in_own_process(_whole, large, count)) for count in counts[:3]),
        ]
    if not quick:
        rows.append(_row(f"flan-t5-small's shape, {MANY} label texts", 20, in_own_process(_label_texts, 20)))
    first = {row["side"]: row["ms/report"] for row in reversed(rows)}
    return {"rows": [{**row, "of the shortest queue": row["ms/report"] / first[row["side"]]} for row in rows]}


def _row(side: str, count: int, measured: tuple[float, float]) -> dict[str, Any]:
    seconds, peak = measured
    return {"side": side, "reports": count, "ms/report": 1000 * seconds / count, "peak MB": peak}


def _t5(folder: Path, count: int) -> tuple[float, float]:
    model = HybridModel.load(folder, "cpu")
    assert model.t5 is not None
    return _timed(model.t5.score, count)


def _whole(folder: Path, count: int) -> tuple[float, float]:
    return _timed(HybridModel.load(folder, "cpu").classify_batch, count)


def _label_texts(count: int) -> tuple[float, float]:
    tokenizer = Tokenizer(vocabulary(), "", 200)
    labels = text_labels(tokenizer, _many_paths(MANY))
    return _timed(classifier_of(random_t5("flan-t5-small"), labels, 200).score, count)


def _timed(work: Callable[[list[str]], object], count: int) -> tuple[float, float]:
    """CPU seconds for so many reports (one thread), and the process's peak memory."""
    texts = _texts(count)
    work(texts[:50])  # warm
    taken = []
    for _ in range(max(1, min(5, TIMED // count))):
        start = time.process_time()
        work(texts)
        taken.append(time.process_time() - start)
    return median(taken), peak_mb()


def _texts(count: int) -> list[str]:
    random = np.random.default_rng(count)
    words = " ".join(reports()).split()
    lengths = np.clip(random.lognormal(np.log(MEDIAN_WORDS), SPREAD, count), 1, MOST_WORDS).astype(int)
    starts = random.integers(0, len(words) - MOST_WORDS, count)
    return [" ".join(words[start : start + length]) for start, length in zip(starts, lengths, strict=True)]


def _hybrid(paths: Sequence[LabelPath]) -> HybridModel:
    """Random weights: what a report costs does not ask what was learnt."""
    texts = reports()
    features = TextFeatures.fit(texts, len(paths))
    shape = len(paths), sum(features.block_sizes.values())
    weights = np.random.default_rng(1).normal(0, 0.1, shape).astype(np.float32)
    linear = LinearExpert(features, np.arange(len(paths)), weights, np.zeros(len(paths), np.float32), len(paths))
    t5 = scratch_t5(texts[:800], paths, seed=1)
    return HybridModel(Taxonomy(tuple(paths)), "small-scratch", Decider(), linear, t5, weight=0.5)


def _many_paths(count: int) -> tuple[LabelPath, ...]:
    """Sub-categories of several words in 40 categories."""
    words = sorted({word for path in default_paths() for word in path.key.replace("/", " ").split() if word.isalpha()})
    paths = (
        LabelPath.of([f"{words[number % 40]} crime"], f"{words[number % 37]} {words[number % 53]} kind {number}")
        for number in range(count)
    )
    return tuple(sorted(paths))
