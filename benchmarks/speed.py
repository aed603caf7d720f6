"""What a classification costs: the reference's way, plain generation, our scorer, and the encoder alone as floor."""

import re
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import torch

from benchmarks.samples import classifier_of, default_paths, label_texts, texts_of, two_tokens, vocabulary
from benchmarks.shapes import random_t5
from benchmarks.timing import in_turn, times_faster
from classifier.ml.bases import PROMPT, text_labels
from classifier.ml.batching import padded
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import LabelPath
from classifier.ml.vocabulary import Tokenizer

NAME = "speed"
ABOUT = (
    "reports a second of CPU time on one thread, flan-t5-small's shape, beside generation with all labels in the prompt"
)
SHAPE = "flan-t5-small"
LENGTHS = (70, 200)
NEW_TOKENS = 24  # of a generated answer
INSTRUCTION_TOKENS = 640  # as in the reference's prompt; our small vocabulary spells it in 900, the rest is cut off
REFERENCE, PLAIN, TEXTS, PIECES, TWO, FLOOR = (
    "reference's way: all labels in the prompt, generate, regex",
    "short prompt, generate, regex",
    "label texts",
    "label texts in the pieces of a small vocabulary",
    "two tokens a label",
    "encoder alone",
)
BATCH = {REFERENCE: 8, PLAIN: 16}  # our sides take 64 reports and batch them as in service
OURS = 64
TINY = {"d_model": 32, "d_ff": 32, "num_heads": 1, "num_layers": 1}  # for a quick run
ANSWER = re.compile(r"category:\s*(?P<category>.*?)\s+subcategory:\s*(?P<sub_category>.*)")


def run(quick: bool) -> dict[str, Any]:
    model = random_t5(SHAPE, **(TINY if quick else {}))
    rows = [row for tokens in LENGTHS[: 1 if quick else None] for row in _rows(model, tokens, 1 if quick else 7)]
    return {"rows": rows, "generated_tokens": NEW_TOKENS, "instruction_tokens": INSTRUCTION_TOKENS}


def _rows(model: Any, tokens: int, rounds: int) -> list[dict[str, Any]]:
    paths = default_paths()
    tokenizer = Tokenizer(vocabulary(), PROMPT, tokens)
    ours = {
        TEXTS: classifier_of(model, label_texts(paths), tokens),
        PIECES: classifier_of(model, text_labels(tokenizer, paths), tokens),
        TWO: classifier_of(model, two_tokens(paths), tokens),
    }
    texts = texts_of(tokens, OURS)
    sides: dict[str, Callable[[], object]] = {
        REFERENCE: lambda: _reference_way(model, texts[: BATCH[REFERENCE]], paths, tokens),
        PLAIN: lambda: _generated(model, tokenizer.encode(texts[: BATCH[PLAIN]]), tokenizer),
        **{name: lambda one=one: one.score(texts) for name, one in ours.items()},
        FLOOR: lambda: ours[TWO].embed(texts),
    }
    taken = in_turn(sides, rounds, clock=time.process_time)  # one thread: other load on the machine counts less
    return [_row(name, tokens, taken, ours.get(name)) for name in sides]


def _row(name: str, tokens: int, taken: dict[str, list[float]], side: T5Classifier | None) -> dict[str, Any]:
    done = BATCH.get(name, OURS)
    return {
        "tokens": tokens,
        "side": name,
        "decoded positions": side.engine.positions if side else None,
        "reports/s": done / median(taken[name]),
        "times the reference": times_faster(taken[name], taken[REFERENCE], done, BATCH[REFERENCE]),
        "of the floor": times_faster(taken[name], taken[FLOOR], done, OURS),
    }


def _reference_way(model: Any, texts: Sequence[str], paths: Sequence[LabelPath], tokens: int) -> list[tuple[str, str]]:
    """Instructions, the report, both lists of labels and the wanted format around each report."""
    whole = Tokenizer(vocabulary(), "", 10_000)
    before, after = (ids[:-1] for ids in whole.encode(_instructions(paths)))
    after = after[: INSTRUCTION_TOKENS - len(before)]
    tokenizer = Tokenizer(vocabulary(), "", tokens)
    rows = [[*before, *ids[:-1], *after, tokenizer.end] for ids in tokenizer.encode(texts)]
    return _generated(model, rows, tokenizer)


def _generated(model: Any, rows: Sequence[Sequence[int]], tokenizer: Tokenizer) -> list[tuple[str, str]]:
    """Greedy text, parsed; ("na", "na") where it does not look as told."""
    ids, mask = padded(rows, torch.device("cpu"))
    with torch.inference_mode():
        answers = model.generate(
            input_ids=ids,
            attention_mask=mask,
            do_sample=False,
            min_new_tokens=NEW_TOKENS,
            max_new_tokens=NEW_TOKENS,
        )
    texts = ("".join(map(tokenizer.piece, row)) for row in (answers % len(tokenizer)).tolist())
    found = (ANSWER.search(text) for text in texts)
    return [(match["category"], match["sub_category"]) if match else ("na", "na") for match in found]


def _instructions(paths: Sequence[LabelPath]) -> tuple[str, str]:
    categories = list(dict.fromkeys(category for path in paths for category in path.categories))
    kinds = [path.sub_category or f"sub-category of {path.categories[0]}" for path in paths]
    before = (
        "You are an assistant to officers who receive reports of incidents on the internet. Read the report between the"
        " marks and decide which category and which sub-category it belongs to. Choose from the two lists below alone,"
        " and use their exact words. If a report could belong to more than one, choose the one that describes it best."
        " Report: <<<"
    )
    after = (
        f">>> Categories: {categories}. Sub-categories: {list(dict.fromkeys(kinds))}. Answer with one line of this form"
        " and nothing else: category: <category> subcategory: <sub-category>"
    )
    return before, after
