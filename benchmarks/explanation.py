"""Time and faithfulness of explanations, and time of the search for similar reports.

Faithful is an explanation whose strongest words matter: leaving the top 1, 2, 3 and 5 of them out of the text lowers
the label's probability, here on average over reports and these four numbers. Words drawn at random are the floor;
leaving out each word alone and scoring the text without it (occlusion), at one pass a word, is what to come close to.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import tram
from benchmarks.needs import NotRun
from benchmarks.samples import random_classifier, texts_of
from classifier.ml import gradients
from classifier.ml.calibration import Floats
from classifier.ml.config import SMALL_SCRATCH, TrainingConfig
from classifier.ml.expert import Expert
from classifier.ml.explanation import contrast
from classifier.ml.hybrid import HybridModel
from classifier.ml.neighbours import nearest
from classifier.ml.svd import unit_rows
from classifier.ml.text import words
from classifier.ml.training import fit

NAME = "explanation"
ABOUT = "explanations: ms per report of 100 tokens, faithfulness beside random words and occlusion; search by vectors"

TOKENS = 100
LEFT_OUT = (1, 2, 3, 5)
SHORTEST = 12  # words; of a shorter text five are half of it

Ranking = Callable[[str, int, Floats], Floats]  # text, path, direction -> weight of each word


def run(quick: bool) -> dict[str, Any]:
    model, held_out = _trained(quick)  # saved and loaded, as it serves
    assert model.linear is not None and model.t5 is not None
    reported = held_out[: 5 if quick else 150]
    faithful = [
        *_faithfulness("linear", model.linear, reported, {"exact shares": partial(_shares, model.linear)}),
        *_faithfulness("small-scratch", model.t5, reported, _t5_rankings(model.t5)),
    ]
    long = [_cut(text, model.t5) for text in texts_of(TOKENS, 4 if quick else 24)]
    timed = [_timed("linear", model.linear, long), _timed("small-scratch", model.t5, long)]
    if not quick:
        flan = random_classifier("flan-t5-small", TOKENS)
        flan.engine.requires_grad_(False)
        timed.append(_timed("flan-t5-small shape", flan, long))
    searched = [_searched(count) for count in ((1_000,) if quick else (1_000, 10_000, 100_000))]
    return {"rows": [*timed, *faithful, *searched], "tokens": TOKENS, "left_out": LEFT_OUT, "reports": len(reported)}


def _trained(quick: bool) -> tuple[HybridModel, list[str]]:
    """A hybrid of TRAM's training documents, and texts of its test documents."""
    try:
        split = tram.load().split(seed=0)
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    config = TrainingConfig(base_model=SMALL_SCRATCH, epochs=1 if quick else None)
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(split.data, config, Path(folder), lambda progress: None)
        fitted.save(Path(folder) / "model", dataset_hash="", code_version="", metrics={})
        model = HybridModel.load(Path(folder) / "model")
    texts = [example.text for example in split.test if len(words(example.text)) >= SHORTEST]
    return model, [texts[place] for place in np.random.default_rng(0).permutation(len(texts))]


def _cut(text: str, t5: Any) -> str:
    """The beginning of it, of TOKENS tokens."""
    _, owners = t5.tokenizer.encode_words(words(text))
    return " ".join(word.normal for word in words(text)[: owners[TOKENS - 1]])


def _timed(name: str, expert: Expert, texts: Sequence[str]) -> dict[str, Any]:
    """Beside scoring the same report alone, in turn. What others do on the machine counts in ms, not in ms of CPU."""
    explaining, scoring, computing = [], [], []
    for text in texts:
        started = time.perf_counter()
        probabilities = _probabilities(expert, [text])[0]
        scored, busy = time.perf_counter(), time.process_time()
        expert.word_shares(words(text), contrast(probabilities, int(probabilities.argmax()), ()))
        scoring.append(scored - started)
        explaining.append(time.perf_counter() - scored)
        computing.append(time.process_time() - busy)
    return {
        "what": "time",
        "expert": name,
        "way": "explain one report",
        "ms p50": _ms(explaining, 0.5),
        "ms p95": _ms(explaining, 0.95),
        "ms of CPU p50": _ms(computing, 0.5),
        "times scoring": round(float(np.median(np.divide(explaining, scoring))), 1),
    }


def _faithfulness(
    name: str, expert: Expert, texts: Sequence[str], rankings: dict[str, Ranking]
) -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    sides: dict[str, Ranking] = {
        **rankings,
        "occlusion": partial(_occlusion, expert),
        "random words": lambda text, path, direction: rng.normal(size=len(words(text))),
    }
    drops: dict[str, list[float]] = {side: [] for side in sides}
    for text in texts:
        probabilities = _probabilities(expert, [text])[0]
        path = int(probabilities.argmax())
        direction = contrast(probabilities, path, ())
        for side, rank in sides.items():
            order = np.argsort(-rank(text, path, direction))
            left = _probabilities(expert, [_without(text, order[:count]) for count in LEFT_OUT])[:, path]
            drops[side].append(float((probabilities[path] - left).mean()))
    return [
        {"what": "faithfulness", "expert": name, "way": side, "probability lost": round(float(np.mean(lost)), 3)}
        for side, lost in drops.items()
    ]


def _t5_rankings(t5: Any) -> dict[str, Ranking]:
    """What is served, the textbook's gradient times input, and the same way integrated by more points."""
    return {
        "integrated gradients": partial(_shares, t5),
        "integrated, 1 point": partial(_shares_at, (0.12,), t5),
        "integrated, 8 points": partial(_shares_at, tuple((np.arange(8) + 0.5) / 8), t5),
        "gradient times (input - neutral)": partial(_shares_at, (1.0,), t5),
    }


def _shares(expert: Expert, text: str, path: int, direction: Floats) -> Floats:
    return expert.word_shares(words(text), direction)


def _shares_at(points: tuple[float, ...], t5: Any, text: str, path: int, direction: Floats) -> Floats:
    served, gradients.POINTS = gradients.POINTS, points  # type: ignore[assignment]
    try:
        return _shares(t5, text, path, direction)
    finally:
        gradients.POINTS = served


def _occlusion(expert: Expert, text: str, path: int, direction: Floats) -> Floats:
    count = len(words(text))
    left = expert.score([_without(text, [place]) for place in range(count)]).log_probabilities
    known = np.isfinite(left[0])
    return -(left[:, known] @ direction[known])


def _without(text: str, places: Sequence[int]) -> str:
    gone = set(places)
    return " ".join(word.normal for place, word in enumerate(words(text)) if place not in gone)


def _probabilities(expert: Expert, texts: Sequence[str]) -> Floats:
    return np.exp(expert.decider.log_probabilities(expert.score(texts)))


def _searched(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    vectors = unit_rows(rng.normal(size=(count, 128)).astype(np.float32)).astype(np.float16)
    taken = []
    for place in range(21):
        query = vectors[place].astype(np.float32)
        started = time.perf_counter()
        found, _ = nearest(vectors, query, 16)
        taken.append(time.perf_counter() - started)
        assert found[0] == place
    return {
        "what": "search",
        "way": f"16 nearest of {count:,} vectors of 128",
        "ms p50": _ms(taken, 0.5),
        "ms p95": _ms(taken, 0.95),
    }


def _ms(seconds: Sequence[float], quantile: float) -> float:
    return round(float(np.quantile(seconds, quantile)) * 1000, 2)
