"""What the page that asks for a training shows beside its form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from classifier.ml.config import TrainingConfig
from classifier.models import TrainingRun
from classifier.services.dataset_contents import Contents, in_words
from classifier.services.lines import Line, line_named
from classifier.services.room import lacks, trains_here
from classifier.services.training_estimate import Estimate, estimate, planned_size


@dataclass(frozen=True)
class Plan:
    """What is about to be asked for."""

    base_model: str
    options: dict[str, Any]


@dataclass(frozen=True)
class TrainingPage:
    """`contents` is None on lines that know no selection; `told` are its parts in words.

    `lacks` says why this machine has no room for the training.
    """

    line: Line
    contents: Contents | None
    told: Sequence[str]
    estimate: Estimate
    lacks: Sequence[str]
    open_run: TrainingRun | None


def training_page(line: str, plan: Plan, contents: Contents | None = None) -> TrainingPage:
    config = TrainingConfig(base_model=plan.base_model, **plan.options)
    expected = estimate(line, config, planned_size(config, contents) if contents else None)
    return TrainingPage(
        line=line_named(line),
        contents=contents,
        told=in_words(contents.parts) if contents else [],
        estimate=expected,
        lacks=lacks(expected) if trains_here() else [],
        open_run=TrainingRun.objects.open().filter(line=line).select_related("requested_by").first(),
    )
