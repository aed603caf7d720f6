"""What the label cells of an imported file mean as paths."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from classifier.ml.taxonomy import JOINER
from incidents.labels import LabelProblem, Names, Pairing, PathBook, check_name, clean_label, defined_paths, split_cell
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
    splitter = _Splitter.of(staging.label_cells(), extra_names)
    pairings = _accepted(staging, staging.label_cells(), splitter.pairing)
    created = create_paths(defined_paths(pairings.values(), stored_paths())) if create else Created()
    ids = stored_paths()
    book = PathBook.of(ids)
    paths = _accepted(staging, pairings, lambda cells: book.resolve(*pairings[cells]))
    return LabelReading({cells.id: tuple(ids[path] for path in found) for cells, found in paths.items()}, created)


@dataclass(frozen=True)
class _Splitter:
    """The names by which cells are split: those of the taxonomy and those that stand alone in the file."""

    categories: frozenset[str]
    sub_categories: frozenset[str]

    @classmethod
    def of(cls, cells: Iterable[LabelCells], extra_names: Collection[str]) -> "_Splitter":
        categories, sub_categories = (names.union(map(clean_label, extra_names)) for names in label_names())
        for one in cells:
            categories |= {one.category} - {""} if JOINER not in one.category else set()
            sub_categories |= {one.sub_category} - {""} if JOINER not in one.sub_category else set()
        return cls(frozenset(categories), frozenset(sub_categories))

    def pairing(self, cells: LabelCells) -> Pairing:
        return _names(cells.category, self.categories), _names(cells.sub_category, self.sub_categories)


def _names(cell: str, known: Collection[str]) -> Names:
    names = split_cell(cell, known)
    for name in names:
        check_name(name)
    return names


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
