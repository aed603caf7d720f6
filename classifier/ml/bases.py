"""Pretrained T5 bases: a local folder in Hugging Face format or the name of one on the hub."""

import os
from collections.abc import Sequence
from pathlib import Path

from classifier.ml import hf_format
from classifier.ml.config import BaseModelUnavailable
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import LabelPath
from classifier.ml.vocabulary import Tokenizer

PROMPT = "Classify the incident report: "  # short: a list of all labels would cost most of the time
MAX_TOKENS = 512
FILES = [hf_format.CONFIG, "*.safetensors", hf_format.PIECES]


def pretrained_t5(name: str, paths: Sequence[LabelPath], max_tokens: int | None = None) -> T5Classifier:
    """The base with the label texts as labels. Raises BaseModelUnavailable."""
    folder = Path(name) if Path(name).is_dir() else _from_hub(name)
    pieces = folder / hf_format.PIECES
    if not pieces.is_file():
        raise BaseModelUnavailable(f"{name} has no {hf_format.PIECES}: only T5 with SentencePiece is supported")
    tokenizer = Tokenizer(pieces.read_bytes(), PROMPT, max_tokens or MAX_TOKENS)
    try:
        model, scale_outputs = hf_format.read(folder)
    except hf_format.NotT5 as error:
        raise BaseModelUnavailable(f"{name} cannot be used: {error}") from error
    return T5Classifier(model, scale_outputs, tokenizer, text_labels(tokenizer, paths))


def text_labels(tokenizer: Tokenizer, paths: Sequence[LabelPath]) -> list[tuple[int, ...]]:
    """The pieces of "category / sub-category"; texts that look alike to the vocabulary get a number."""
    labels: dict[tuple[int, ...], None] = {}
    for number, path in enumerate(paths):
        label = tokenizer.label(path.key)
        if not label or label in labels:
            label = tokenizer.label(f"{path.key} ({number})")
        if label in labels:
            raise ValueError(f"the label {path.key!r} reads like another one to this base's vocabulary: rename it")
        labels[label] = None
    return list(labels)


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download  # the hub is asked only for names that are no folder

    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "on", "true", "yes"}
    try:
        return Path(snapshot_download(name, allow_patterns=FILES, local_files_only=offline))  # nosec B615 # only tensors and word pieces are read, never code
    except (OSError, ValueError) as error:
        raise BaseModelUnavailable(
            f"the base model {name!r} is no local folder and cannot be had from the hub"
            f"{' (HF_HUB_OFFLINE is set)' if offline else ''}: look whether this machine reaches the hub and the name"
            " is right, use small-scratch, or copy the model to a local folder and name that"
        ) from error
