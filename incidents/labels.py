"""Labels as plain text: how the cells of a row are split into names."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from classifier.ml.taxonomy import JOINER

MAX_NAME = 200  # characters; the column's width
MAX_CELL = 1000
MISSING = "nan"  # what pandas writes for a missing value
_SHOWN = 60  # characters of a name in a message

Names = tuple[str, ...]
Pairing = tuple[Names, Names]  # the categories and the sub-categories of one row
_Cut = tuple[int, int, Names]  # unknown names, names, the names


class LabelProblem(ValueError):
    """Labels that cannot be taken; the message says why and what to do."""


def clean_label(cell: str) -> str:
    """A cell without blanks around it, in NFC; the empty string for a missing value."""
    label = unicodedata.normalize("NFC", cell).strip()
    return "" if label.lower() == MISSING else label


def split_cell(cell: str, known: Collection[str]) -> Names:
    """The names in a cell that joins them by " or ", sorted and unique.

    A name may itself contain " or ": of all ways to cut, the one with the fewest unknown names is taken, and
    of those the one with the fewest, that is the longest, names. Raises LabelProblem for an endless cell.
    """
    if len(cell) > MAX_CELL:
        raise LabelProblem(
            gettext("a label cell has %(length)s characters, at most %(most)s are taken: is it the right column?")
            % {"length": f"{len(cell):,}", "most": f"{MAX_CELL:,}"}
        )
    pieces = [piece.strip() for piece in cell.split(JOINER)]
    best: list[_Cut] = [(0, 0, ())]  # the best cut of the first 0, 1, 2, ... pieces
    for end in range(1, len(pieces) + 1):
        ways = [_extended(best[end - 1], pieces[end - 1], known)]
        for start in range(end - 1):
            if (name := JOINER.join(pieces[start:end])) in known:
                ways.append(_extended(best[start], name, known))
        best.append(min(ways))
    return tuple(sorted({name for name in best[-1][2] if name}))


def _extended(cut: _Cut, name: str, known: Collection[str]) -> _Cut:
    return cut[0] + (name not in known), cut[1] + 1, (*cut[2], name)


def check_name(name: str) -> None:
    """Raise LabelProblem for a name that cannot be stored."""
    if len(name) > MAX_NAME:
        raise LabelProblem(
            gettext("a label has %(length)s characters; at most %(most)s are taken: is the column the right one?")
            % {"length": len(name), "most": MAX_NAME}
        )
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        raise LabelProblem(
            gettext("the label %(name)s contains a line break, a control character or a broken character")
            % {"name": quoted(name)}
        )


@dataclass(frozen=True)
class CellSplitter:
    """Splits label cells by the names that are known: those of the taxonomy, and those that fill a cell alone."""

    categories: Collection[str]
    sub_categories: Collection[str]

    @classmethod
    def of(
        cls, cells: Iterable[tuple[str, str]], categories: Collection[str], sub_categories: Collection[str]
    ) -> "CellSplitter":
        """From (category, sub-category) cells and the names that the taxonomy has."""
        pairs = list(cells)
        alone = ({cell[column] for cell in pairs if JOINER not in cell[column]} for column in (0, 1))
        return cls(*(frozenset(known) | new for known, new in zip((categories, sub_categories), alone, strict=True)))

    def pairing(self, category: str, sub_category: str) -> Pairing:
        """The names in a row's two cells. Raises LabelProblem for a name that cannot be stored."""
        pairing = split_cell(category, self.categories), split_cell(sub_category, self.sub_categories)
        for name in (*pairing[0], *pairing[1]):
            check_name(name)
        return pairing


def quoted(*names: str) -> str:
    """Names for a message, long ones cut."""
    return ", ".join(f"“{name if len(name) <= _SHOWN else name[:_SHOWN] + '…'}”" for name in names)
