"""What a set of reports looks like before anybody trains on it: those of a file, or those of the database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from django.db.models import Count
from django.utils.translation import gettext_noop

from classifier.ml.taxonomy import category_text, sub_category_text
from incidents.labels import CellSplitter, LabelProblem, Names, Pairing
from incidents.models import Incident, Label
from incidents.models import Path as LabelRow
from incidents.models.incident import MAX_TEXT
from incidents.services.import_rows import BadRow, read_rows
from incidents.services.profile_measures import CHUNK, Measured, Sample, measure
from incidents.services.taxonomy import label_names, stored_paths

QUANTILES = {
    gettext_noop("min"): 0.0,
    "5 %": 0.05,
    "25 %": 0.25,
    gettext_noop("median"): 0.5,
    "75 %": 0.75,
    "95 %": 0.95,
    "99 %": 0.99,
    gettext_noop("max"): 1.0,
}
UNITS = (gettext_noop("characters"), gettext_noop("words"))
COUNTS = ("missing", "categories", "sub_categories", "origins")  # of a profile, by name
Cells = tuple[str, str]  # category and sub-category, as they stand in a row


@dataclass(frozen=True)
class Counted:
    """A name and how many rows it stands on, as a number and as a share of all rows (0 to 1)."""

    name: str
    rows: int
    share: float


@dataclass(frozen=True)
class Lengths:
    """Quantiles by name, from min to max; all zero without texts."""

    unit: str
    mean: float
    quantiles: dict[str, int]


@dataclass(frozen=True)
class Profile:
    """A file or the database in figures.

    missing: rows without text, category, sub-category. unreadable: rows of a file that no import takes, by their
    cells. duplicates: rows whose exact text an earlier row has. near_duplicates: further rows that differ from an
    earlier one in case, blanks, digits or punctuation alone. conflicts: texts that stand under different labels, and
    conflict_rows the rows of these. too_long: rows beyond what a report may have. several: rows with more than one
    category or sub-category. The label counts are by name, most frequent first.
    """

    source: str
    rows: int
    unreadable: int
    missing: tuple[Counted, ...]
    duplicates: int
    near_duplicates: int
    conflicts: int
    conflict_rows: int
    too_long: int
    labelled: int
    several: int
    lengths: tuple[Lengths, ...]
    categories: tuple[Counted, ...]
    sub_categories: tuple[Counted, ...]
    origins: tuple[Counted, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Profile":
        """What `to_json` gave, once a database has held it that keeps no order of keys (PostgreSQL)."""
        counts = {name: tuple(Counted(**one) for one in stored[name]) for name in COUNTS}
        lengths = tuple(
            Lengths(**{**one, "quantiles": {name: one["quantiles"][name] for name in QUANTILES}})
            for one in stored["lengths"]
        )
        return cls(**{**stored, **counts, "lengths": lengths})


def profile_file(path: Path) -> Profile:
    """Profile a CSV file with the columns that an import knows, in chunks. Raises FileUnreadable as that does."""
    unreadable: list[int] = []
    measured = measure(_file_samples(path, unreadable))
    return _profile(path.name, measured, unreadable=len(unreadable))


def profile_database() -> Profile:
    """Profile all reports by their present text and label; `origins` tells where they came from."""
    counts = Incident.objects.not_erased().values_list("source").annotate(rows=Count("pk")).order_by("-rows")
    origins = Counter({str(Incident.Source(source).label): rows for source, rows in counts})
    return _profile("database", measure(_stored_samples()), origins=_shares(origins, origins.total()))


def _file_samples(path: Path, unreadable: list[int]) -> Iterator[Sample]:
    for row in read_rows(path):
        if isinstance(row, BadRow):
            unreadable.append(row.line)
        else:
            yield Sample(row.text, row.category, row.sub_category)


def _stored_samples() -> Iterator[Sample]:
    names, reading = {key: path for path, key in stored_paths().items()}, LabelRow.objects.reading()
    rows = Incident.objects.not_erased().order_by("pk").values_list("current_text__text", "current_label_id")
    waiting = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(waiting, CHUNK)):
        path_ids = _path_ids([label for _, label in chunk if label is not None])
        for text, label in chunk:
            paths = [names[path_id] for path_id in reading.ids(path_ids[label])]
            yield Sample(text or "", category_text(paths), sub_category_text(paths))


def _path_ids(labels: list[int]) -> dict[int | None, list[int]]:
    found: dict[int | None, list[int]] = defaultdict(list)
    for label, path_id in Label.paths.through.objects.filter(label_id__in=labels).values_list("label_id", "path_id"):
        found[label].append(path_id)
    return found


def _profile(source: str, measured: Measured, *, unreadable: int = 0, origins: tuple[Counted, ...] = ()) -> Profile:
    everything = measured.rows
    rows = everything[everything["characters"] > 0]
    cells = measured.count_cells()
    names = _names(cells)
    again = rows.duplicated("text")
    conflicts = _conflicting(rows, measured)
    return Profile(
        source=source,
        rows=len(everything),
        unreadable=unreadable,
        missing=_missing(everything, cells),
        duplicates=int(again.sum()),
        near_duplicates=int(rows[~again].duplicated("wording").sum()),
        conflicts=int(rows["text"][conflicts].nunique()),
        conflict_rows=int(conflicts.sum()),
        too_long=int((rows["characters"] > MAX_TEXT).sum()),
        labelled=sum(count for cell, count in cells.items() if any(cell)),
        several=sum(cells[cell] for cell, pairing in names.items() if max(map(len, pairing)) > 1),
        lengths=tuple(_lengths(rows[unit], unit) for unit in UNITS),
        categories=_balance(cells, {cell: pairing[0] for cell, pairing in names.items()}),
        sub_categories=_balance(cells, {cell: pairing[1] for cell, pairing in names.items()}),
        origins=origins,
    )


def _missing(rows: pd.DataFrame, cells: Counter[Cells]) -> tuple[Counted, ...]:
    absent = Counter(
        {
            gettext_noop("text"): int((rows["characters"] == 0).sum()),
            gettext_noop("category"): sum(count for cell, count in cells.items() if not cell[0]),
            gettext_noop("sub-category"): sum(count for cell, count in cells.items() if not cell[1]),
        }
    )
    return _shares(absent, len(rows))


def _conflicting(rows: pd.DataFrame, measured: Measured) -> pd.Series:
    """Which labelled rows have a text that stands under other labels too."""
    labelled = rows["cells"].isin([code for code, cell in enumerate(measured.cells) if any(cell)])
    differing = rows[labelled].groupby("text")["cells"].nunique()
    return labelled & rows["text"].isin(differing[differing > 1].index)


def _lengths(values: pd.Series, unit: str) -> Lengths:
    if values.empty:
        return Lengths(unit, 0.0, dict.fromkeys(QUANTILES, 0))
    found = values.quantile(list(QUANTILES.values()))
    return Lengths(unit, round(float(values.mean()), 1), dict(zip(QUANTILES, map(round, found), strict=True)))


def _names(cells: Iterable[Cells]) -> dict[Cells, Pairing]:
    """The names in each combination of cells; a cell that no import takes stands as one name."""
    splitter = CellSplitter.of(cells, *label_names())
    names: dict[Cells, Pairing] = {}
    for cell in cells:
        try:
            names[cell] = splitter.pairing(*cell)
        except LabelProblem:
            names[cell] = ((cell[0],), (cell[1],))
    return names


def _balance(cells: Counter[Cells], names: dict[Cells, Names]) -> tuple[Counted, ...]:
    counts: Counter[str] = Counter()
    for cell, count in cells.items():
        counts.update(dict.fromkeys(names[cell], count))
    return _shares(counts, cells.total())


def _shares(counts: Counter[str], rows: int) -> tuple[Counted, ...]:
    """Most frequent first, then by name."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Counted(name, count, count / rows if rows else 0.0) for name, count in ordered)
