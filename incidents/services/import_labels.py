"""What the label cells of an imported file mean as paths."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from incidents.labels import CellSplitter, LabelProblem, clean_label
from incidents.paths import PathBook, defined_paths
from incidents.services.import_staging import LabelCells, Staging
from incidents.services.taxonomy import Created, create_paths, label_names, stored_paths

Read = TypeVar("Read")


@dataclass(frozen=True)
class LabelReading:
    """The path ids of each combination of label cells by its id, and what the taxonomy gained."""

    path_ids: Mapping[int, tuple[int, ...]]
    created: Created


def read_labels(staging: Staging, *, create: bool, extra_names: Collection[str] = ()) -> LabelReading:
    """Read all staged label cells; rows whose cells mean nothing are refused in the staging.

    With `create`, the paths that the cells define are added to the taxonomy; LabelProblem says when two of them
    would read alike. `extra_names` hold " or " and are shown by no cell of their own.
    """
    cells = staging.label_cells()
    known = (names.union(map(clean_label, extra_names)) for names in label_names())
    splitter = CellSplitter.of(((one.category, one.sub_category) for one in cells), *known)
    pairings = _accepted(staging, cells, lambda one: splitter.pairing(one.category, one.sub_category))
    created = create_paths(defined_paths(pairings.values(), stored_paths())) if create else Created()
    ids = stored_paths()
    book = PathBook.of(ids)
    paths = _accepted(staging, pairings, lambda one: book.resolve(*pairings[one]))
    return LabelReading({one.id: tuple(ids[path] for path in found) for one, found in paths.items()}, created)


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
