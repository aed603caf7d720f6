"""What the page that asks for a training shows beside its form."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.models import TrainingRun
from classifier.services.dataset_contents import Contents, in_words
from classifier.services.lines import Line, line_named


@dataclass(frozen=True)
class Plan:
    """What is about to be asked for."""

    base_model: str
    options: dict[str, object]


@dataclass(frozen=True)
class TrainingPage:
    """`contents` is None on lines that know no selection; `told` are its parts in words."""

    line: Line
    contents: Contents | None
    told: Sequence[str]
    open_run: TrainingRun | None


def training_page(line: str, plan: Plan, contents: Contents | None = None) -> TrainingPage:
    return TrainingPage(
        line=line_named(line),
        contents=contents,
        told=in_words(contents.parts) if contents else [],
        open_run=TrainingRun.objects.open().filter(line=line).select_related("requested_by").first(),
    )
