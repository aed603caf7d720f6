"""What the label cells of an imported file mean as paths."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext

from classifier.ml.taxonomy import LabelPath
from incidents.labels import CellSplitter, LabelProblem, Pairing, clean_label, quoted
from incidents.models import Path
from incidents.paths import PathBook, defined_paths
from incidents.services.import_staging import LabelCells, Staging
from incidents.services.taxonomy import Created, label_names, names_of_today, stored_paths
from incidents.taxonomy_plan import CATEGORY, SUB_CATEGORY

Read = TypeVar("Read")
Create = Callable[[Iterable[LabelPath]], Created]


@dataclass(frozen=True)
class LabelReading:
    """The path ids of each combination of label cells by its id, and what the taxonomy gained."""

    path_ids: Mapping[int, tuple[int, ...]]
    created: Created


def read_labels(staging: Staging, *, create: Create | None, extra_names: Collection[str] = ()) -> LabelReading:
    """Read all staged label cells; rows whose cells mean nothing are refused in the staging.

    `create` adds the paths that the cells define to the taxonomy, where that is wanted; LabelProblem says when two of
    them would read alike. Names and labels of an earlier taxonomy are read as what they are today. `extra_names`
    hold " or " and are shown by no cell of their own.
    """
    cells = staging.label_cells()
    names, former = label_names(), names_of_today()
    known = (
        {*names[column], *(was for kind, was in former if kind == of), *map(clean_label, extra_names)}
        for column, of in enumerate((CATEGORY, SUB_CATEGORY))
    )
    splitter = CellSplitter.of(((one.category, one.sub_category) for one in cells), *known)

    def pairing(one: LabelCells) -> Pairing:
        """In the names of today, where a file of earlier says others."""
        categories, sub_categories = splitter.pairing(one.category, one.sub_category)
        return (
            tuple(sorted({former.get((CATEGORY, name), name) for name in categories})),
            tuple(sorted({former.get((SUB_CATEGORY, name), name) for name in sub_categories})),
        )

    pairings = _accepted(staging, cells, pairing)
    created = create(defined_paths(pairings.values(), stored_paths())) if create else Created()
    ids = stored_paths()
    book = PathBook.of(ids)
    reading = Path.objects.reading()

    def resolved(one: LabelCells) -> tuple[int, ...]:
        """Of labels that were merged or moved those that they read as today."""
        found = book.resolve(*pairings[one])
        if retired := [path.key for path in found if reading.of(ids[path]) is None]:
            raise LabelProblem(
                gettext("the label %(names)s was retired: give the row another one") % {"names": quoted(*retired)}
            )
        return tuple(sorted(reading.ids(ids[path] for path in found)))

    return LabelReading({one.id: found for one, found in _accepted(staging, pairings, resolved).items()}, created)


def _accepted(
    staging: Staging, cells: Iterable[LabelCells], read: Callable[[LabelCells], Read]
) -> dict[LabelCells, Read]:
    accepted = {}
    for one in cells:
        try:
            accepted[one] = read(one)
        except LabelProblem as problem:
            staging.refuse_cells(one, str(problem))
    return accepted
