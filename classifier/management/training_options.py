"""What a person can set about a training, beyond the base model: the same names as in `TrainingConfig`."""

import argparse
from typing import Any

from django.core.management.base import CommandParser

from classifier.ml.config import BOUNDS, NO_T5
from classifier.ml.recipes import LARGE, LARGE_RANK, LORA_LEARNING_RATE, PRETRAINED, PRETRAINED_CUDA, SCRATCH
from config.commands import Exit, number, stop, whole_number

LIMITS = ("seed", "epochs", "max_seconds")  # a script may give them whatever the base model
OF_T5 = (
    "device", "patience", "warmup_share", "weight_decay", "max_tokens", "learning_rate", "batch_reports",
    "batch_tokens", "lora_rank", "recompute", "balance", "word_dropout", "spelling_noise",
)  # fmt: skip


def add_training_options(parser: CommandParser) -> None:
    def add(name: str, kind: Any, about: str) -> None:
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="N", help=about)

    add("seed", _whole("seed"), "the same seed and reports give the same model")
    add("epochs", _whole("epochs"), "at most this many passes over the reports")
    add("max_seconds", number(*BOUNDS["max_seconds"]), "time budget of the T5")
    parser.add_argument(
        "--device", choices=["cpu", "cuda"], help="where it computes; default: the GPU where there is one"
    )
    add("patience", _whole("patience"), "passes without a better validation score before it stops; default 8")
    add("warmup_share", number(*BOUNDS["warmup_share"]), "of all steps, in which the rate rises; default 0.1")
    add("weight_decay", number(*BOUNDS["weight_decay"]), "default 0.01")
    add(
        "max_tokens",
        _whole("max_tokens"),
        "read of a report: its head and tail. Default 192 from scratch, else 512",
    )
    add(
        "learning_rate", number(*BOUNDS["learning_rate"]),
        f"at its height; default {SCRATCH.learning_rate:g} from scratch, {PRETRAINED.learning_rate:g} for a pretrained "
        f"base, {LORA_LEARNING_RATE:g} with adapters, and more for larger steps, by the square root",
    )  # fmt: skip
    add(
        "batch_reports", _whole("batch_reports"),
        f"reports per step; default {PRETRAINED.batch_reports}, for a pretrained base on a GPU "
        f"{PRETRAINED_CUDA.batch_reports}, where small steps are mostly overhead",
    )  # fmt: skip
    add(
        "batch_tokens", _whole("batch_tokens"),
        "tokens that go through the model at once; a step larger than that is done in several passes. Less takes less "
        f"memory. Default {PRETRAINED.batch_tokens}, for a pretrained base on a GPU {PRETRAINED_CUDA.batch_tokens}",
    )  # fmt: skip
    add(
        "lora_rank", _whole("lora_rank"),
        f"rank of LoRA's adapters, trained in place of a pretrained base's weights; 0: the weights. Default "
        f"{LARGE_RANK} for bases above {LARGE // 10**6} million parameters, whose training would take too much memory, "
        "else 0",
    )  # fmt: skip
    parser.add_argument(
        "--recompute",
        action=argparse.BooleanOptionalAction,
        help="gradient checkpointing: far less memory for a third more time; default: from flan-t5-base up",
    )
    add(
        "balance", number(*BOUNDS["balance"]),
        "how much rare labels count for more: 0 (default) not at all, 1 until all labels count the same. Probabilities "
        "then lean to rare labels, so it stays off unless macro-F1 matters more than they do",
    )  # fmt: skip
    add(
        "word_dropout",
        number(*BOUNDS["word_dropout"]),
        "share of words left out in training, anew in each pass; default 0: it gained nothing",
    )
    add(
        "spelling_noise", number(*BOUNDS["spelling_noise"]),
        f"share of words misspelt in training, anew in each pass; default {SCRATCH.spelling_noise:g} from scratch, "
        f"where it pays, and {PRETRAINED.spelling_noise:g} for a pretrained base, where that was not measured",
    )  # fmt: skip


def chosen_options(base_model: str, options: dict[str, Any]) -> dict[str, Any]:
    """What was given of them. Refuses what is about a T5 where none is trained."""
    chosen = {name: options[name] for name in (*LIMITS, *OF_T5) if options[name] is not None}
    pointless = [f"--{name.replace('_', '-')}" for name in OF_T5 if name in chosen]
    if base_model == NO_T5 and pointless:
        raise stop(f"{', '.join(pointless)}: with --base-model {NO_T5} no T5 is trained. Leave it out.", Exit.USAGE)
    return chosen


def _whole(name: str) -> Any:
    least, most = BOUNDS[name]
    return whole_number(int(least), int(most))
