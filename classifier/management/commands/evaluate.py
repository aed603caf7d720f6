"""`manage.py evaluate --file TEST.csv`"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, version_named
from classifier.ml.taxonomy import join_labels
from classifier.services.answers import Answerer
from classifier.services.held_out import LabelledText, held_out_figures
from config.commands import EXIT_CODES, stop
from incidents.labels import LabelProblem, clean_label, split_cell
from incidents.services.import_lines import FileUnreadable
from incidents.services.import_rows import BadRow, Row, read_rows
from incidents.services.taxonomy import label_names
from incidents.texts import training_text

Known = tuple[Collection[str], Collection[str]]  # names of categories, of sub-categories
SHOWN = 20  # refused rows that are listed


class Command(ModelCommand):
    help = (
        "Measure a model on a labelled CSV file: text,category,sub_category or "
        "category,sub_category,crimeaditionalinfo. Several labels in a cell are joined by ' or ' in any order. Rows "
        "that cannot be read, or carry no label, are told and left out. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--file", required=True, type=Path, metavar="TEST.csv")
        parser.add_argument("--model", default="", metavar="V", help="a version's name; default: the one in charge")

    def work(self, **options: Any) -> dict[str, Any]:
        version = version_named(options["model"])
        rows = _Rows(options["file"])
        next(rows.cells(), None)  # a file that cannot be read is told before the model is loaded
        answerer = Answerer.of(version)
        figures = held_out_figures(answerer, rows.labelled(_known(answerer)), self._told)
        self._list_refused(rows)
        if figures is None:
            raise stop(f"{options['file']}: no row with a label could be read.")
        return figures | {"model": version.name, "refused": len(rows.refused), "unlabelled": rows.unlabelled}

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(
            f"{result['model']} on {result['n']:,} reports, {result['reports_per_second']:.0f} per second"
        )
        for view in ("category", "sub_category", "both"):
            self.stdout.write(
                f"{view:>12}: accuracy {result[view]['accuracy']:.4f}, macro-F1 {result[view]['macro_f1']:.4f}"
            )
        self.stdout.write(f"calibration error {result['ece']:.4f}")

    def _told(self, done: int) -> None:
        if done % 2560 == 0:
            self.stderr.write(f"{done:,} reports")

    def _list_refused(self, rows: "_Rows") -> None:
        for row in rows.refused[:SHOWN]:
            self.stderr.write(f"line {row.line}: {row.reason}")
        if len(rows.refused) > SHOWN:
            self.stderr.write(f"... and {len(rows.refused) - SHOWN:,} more refused rows.")
        if rows.unlabelled:
            self.stderr.write(f"{rows.unlabelled:,} rows carry no label and were left out.")


class _Rows:
    """The labelled rows of a file; remembers what it left out."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.refused: list[BadRow] = []
        self.unlabelled = 0

    def cells(self) -> Iterator[Row | BadRow]:
        try:
            yield from read_rows(self._file)
        except FileUnreadable as error:
            raise stop(f"{self._file}: {error}") from error

    def labelled(self, known: Known) -> Iterator[LabelledText]:
        self.refused, self.unlabelled = [], 0
        for row in self.cells():
            if isinstance(row, BadRow):
                self.refused.append(row)
                continue
            try:
                category, sub_category = _normal(row.category, known[0]), _normal(row.sub_category, known[1])
            except LabelProblem as error:
                self.refused.append(BadRow(row.line, str(error)))
                continue
            if category or sub_category:
                yield LabelledText(training_text("", row.text), category, sub_category)
            else:
                self.unlabelled += 1


def _normal(cell: str, known: Collection[str]) -> str:
    """A cell's labels, sorted."""
    return join_labels(split_cell(clean_label(cell), known))


def _known(answerer: Answerer) -> Known:
    """Names may themselves contain " or "."""
    categories, sub_categories = label_names()
    taxonomy = answerer.model.taxonomy
    return categories.union(taxonomy.categories), sub_categories.union(taxonomy.sub_categories)
