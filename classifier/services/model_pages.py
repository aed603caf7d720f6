"""What the pages of models and trainings show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from classifier.ml.artifact import MANIFEST
from classifier.ml.files import sha256_of
from classifier.models import Evaluation, ModelVersion, Promotion, TrainingRun
from classifier.models.version import CLASSIFY
from classifier.services.comparison import Column, comparison
from classifier.services.dataset_contents import Contents, in_words
from classifier.services.figure_tables import (
    Confusion,
    FigureRow,
    brief_figures,
    class_tables,
    confusion,
    figure_rows,
    headings,
    key_figures,
)
from classifier.services.forgetting import erased_of
from classifier.services.lines import Line, line_named
from classifier.services.outcomes import figures_today, served_row
from classifier.services.serving import precision_on_cpu

Stage = ModelVersion.Stage
SHOWN = 20


@dataclass(frozen=True)
class VersionCard:
    """A version with its figures as served on its own test reports, and how it came to its place."""

    version: ModelVersion
    figures: dict[str, Any] | None
    promotion: Promotion | None

    @property
    def key_figures(self) -> list[tuple[str, str]]:
        return key_figures(self.figures, self.version.line) if self.figures else []

    @property
    def cells(self) -> list[str]:
        """One for each of the page's headings, or none."""
        return brief_figures(self.figures, self.version.line) if self.figures else []


@dataclass(frozen=True)
class ModelsPage:
    """One model line. `champion_error` says why the champion cannot be read, or is empty."""

    line: Line
    champion: VersionCard | None
    champion_error: str
    headings: Sequence[str]
    others: Sequence[VersionCard]
    can_roll_back: bool
    open_run: TrainingRun | None
    runs: Sequence[TrainingRun]
    promotions: Sequence[Promotion]

    @property
    def can_compare(self) -> bool:
        """Whether there is a page that sets two of its versions side by side on the same reports."""
        return self.line.name == CLASSIFY


@dataclass(frozen=True)
class VersionPage:
    """`artefact_hash` is of the manifest, which lists the digests of all files.

    It is empty, with the reason in `artefact_error`, when that is unreadable.
    """

    line: Line
    card: VersionCard
    columns: Sequence[Column]
    rows: Sequence[FigureRow]
    confusion: Confusion | None
    class_tables: Sequence[tuple[str, list[dict[str, Any]]]]
    run: TrainingRun | None
    left_out: Sequence[str]
    precision_on_cpu: str
    artefact_hash: str
    artefact_error: str
    erased: int  # reports that it learned from and that are erased since
    traced: int  # the version's number where it is known what was decided of each test report, else 0

    @property
    def can_compare(self) -> bool:
        return self.line.name == CLASSIFY


def models_page(line: str = CLASSIFY) -> ModelsPage:
    versions = ModelVersion.objects.filter(line=line).select_related("snapshot")
    champion = versions.champion(line)
    others = versions.exclude(stage=Stage.CHAMPION).order_by("-pk")
    promotions = Promotion.objects.filter(version__line=line)
    runs = TrainingRun.objects.filter(line=line).select_related("requested_by", "version", "snapshot")
    return ModelsPage(
        line=line_named(line),
        headings=headings(line),
        champion=version_card(champion) if champion else None,
        champion_error=champion.artefact_error if champion else "",
        others=version_cards(others[:SHOWN]),
        can_roll_back=champion is not None and versions.previous(line) is not None,
        open_run=next((run for run in runs[:1] if run.is_open), None),
        runs=list(runs[:SHOWN]),
        promotions=list(promotions.select_related("version", "replaced", "by", "approved_by")[:SHOWN]),
    )


def version_card(version: ModelVersion) -> VersionCard:
    return version_cards([version])[0]


def version_cards(versions: Iterable[ModelVersion]) -> list[VersionCard]:
    """A card for each version, in order; two queries for any number of them."""
    wanted = list(versions)
    ids = [version.pk for version in wanted]
    served = Evaluation.objects.filter(version__in=ids, part=Evaluation.Part.SERVED, snapshot=F("version__snapshot"))
    figures = {row.version_id: row.figures for row in served}
    moves = Promotion.objects.filter(version__in=ids).select_related("by").order_by("pk")
    last = {promotion.version_id: promotion for promotion in moves}
    return [VersionCard(version, figures.get(version.pk), last.get(version.pk)) for version in wanted]


def version_page(version: ModelVersion) -> VersionPage:
    card, columns = version_card(version), comparison(version)
    served = served_row(version, version.snapshot)
    figures = figures_today(served) if served else {}
    run = TrainingRun.objects.select_related("requested_by").filter(version=version).first()
    artefact_error = version.artefact_error
    return VersionPage(
        line=line_named(version.line),
        card=card,
        columns=columns,
        rows=figure_rows(columns, version.line),
        confusion=confusion(figures),
        class_tables=class_tables(figures),
        run=run,
        left_out=in_words(Contents.from_json(run.contents).parts) if run else [],
        precision_on_cpu=precision_on_cpu(version),
        artefact_hash="" if artefact_error else sha256_of(version.manifest_folder / MANIFEST),
        artefact_error=artefact_error,
        erased=erased_of(version),
        traced=version.pk if _is_traced(version) else 0,
    )


def _is_traced(version: ModelVersion) -> bool:
    served = version.evaluations.filter(snapshot=version.snapshot, part=Evaluation.Part.SERVED)
    return version.line == CLASSIFY and served.filter(outcomes__isnull=False).exists()
