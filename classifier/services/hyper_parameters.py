"""The hyper-parameters of a training in words: what each does, its default, and why that. In the order of a page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from classifier.ml.config import TrainingConfig
from classifier.ml.recipes import LARGE_RANK, LORA_LEARNING_RATE, MOST_EPOCHS, PRETRAINED, PRETRAINED_CUDA, SCRATCH

Words = str | Promise
DEFAULTS = TrainingConfig()
OF_NO_T5 = ("seed",)  # what the linear expert alone has


@dataclass(frozen=True)
class HyperParameter:
    """One field of `TrainingConfig`; `default` and `reason` are for a person."""

    name: str
    label: Words
    default: Words
    reason: Words


HYPER_PARAMETERS = (
    HyperParameter(
        "epochs",
        _("Passes over the reports"),
        format_lazy(
            _("{scratch} to {most} from scratch, {pretrained} for a pretrained base"),
            scratch=SCRATCH.epochs,
            most=MOST_EPOCHS,
            pretrained=PRETRAINED.epochs,
        ),
        _("Few reports need more passes; it stops by itself where no pass makes it better."),
    ),
    HyperParameter(
        "max_seconds",
        _("Longest time for the T5, in seconds"),
        _("none"),
        _("A training that is cut by its time cannot be repeated exactly."),
    ),
    HyperParameter(
        "device",
        _("Where it computes"),
        _("the GPU where there is one, else the CPU"),
        _("A GPU is far faster; where its memory is not enough, the training goes on with the CPU and says so."),
    ),
    HyperParameter(
        "seed",
        _("Seed of chance"),
        f"{DEFAULTS.seed}",
        _("The same reports, settings and seed give the same model on the same CPU."),
    ),
    HyperParameter(
        "patience",
        _("Passes without progress"),
        f"{DEFAULTS.patience}",
        _("It stops after so many passes without a better validation score; 4 were too few in what was measured."),
    ),
    HyperParameter(
        "learning_rate",
        _("Learning rate"),
        f"{SCRATCH.learning_rate:g} / {PRETRAINED.learning_rate:g} / {LORA_LEARNING_RATE:g}",
        _("From scratch, for a pretrained base, with adapters. Twice the first was unstable on threat reports."),
    ),
    HyperParameter(
        "warmup_share",
        _("Share of the steps to warm up"),
        f"{DEFAULTS.warmup_share:g}",
        _("The rate rises before it falls, since the first steps of a fresh optimiser are the wildest."),
    ),
    HyperParameter(
        "weight_decay",
        _("Weight decay"),
        f"{DEFAULTS.weight_decay:g}",
        _("Keeps weights small, so that a few odd reports do not pull at them; the usual value."),
    ),
    HyperParameter(
        "batch_reports",
        _("Reports in a step"),
        format_lazy(
            _("{usual}, for a pretrained base on a GPU {gpu}"),
            usual=PRETRAINED.batch_reports,
            gpu=PRETRAINED_CUDA.batch_reports,
        ),
        _("Small steps learn more from few reports; on a GPU they are mostly overhead."),
    ),
    HyperParameter(
        "batch_tokens",
        _("Tokens at once"),
        format_lazy(
            _("{usual}, for a pretrained base on a GPU {gpu}"),
            usual=PRETRAINED.batch_tokens,
            gpu=PRETRAINED_CUDA.batch_tokens,
        ),
        _("Bounds the memory, and changes nothing else: a larger step is done in several passes."),
    ),
    HyperParameter(
        "max_tokens",
        _("Longest report, in tokens"),
        _("192 from scratch, 512 for a pretrained base"),
        _("Longer reports keep their head and tail, where most is said; time grows with the length."),
    ),
    HyperParameter(
        "recompute",
        _("Compute twice to save memory"),
        _("from flan-t5-base up"),
        _("Takes a third of the memory or less, for a third more time."),
    ),
    HyperParameter(
        "lora_rank",
        _("Rank of adapters (LoRA)"),
        format_lazy(_("{rank} above 500 million parameters, else 0: the weights themselves"), rank=LARGE_RANK),
        _("Adapters train a large base in a fraction of the memory; a small one learns better whole."),
    ),
    HyperParameter(
        "balance",
        _("Weight of rare labels"),
        f"{DEFAULTS.balance:g}",
        _("At 1 all labels count alike. Off, because probabilities then lean to rare labels."),
    ),
    HyperParameter(
        "word_dropout",
        _("Share of words left out"),
        f"{DEFAULTS.word_dropout:g}",
        _("Anew in each pass. It gained nothing in what was measured."),
    ),
    HyperParameter(
        "spelling_noise",
        _("Share of words misspelt"),
        format_lazy(
            _("{scratch} from scratch, {pretrained} for a pretrained base"),
            scratch=f"{SCRATCH.spelling_noise:g}",
            pretrained=f"{PRETRAINED.spelling_noise:g}",
        ),
        _("Anew in each pass. From scratch it gained 3 points; for a pretrained base it was not measured."),
    ),
)
