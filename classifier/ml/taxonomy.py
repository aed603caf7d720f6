"""Paths through the taxonomy, and what is known about a whole set of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

JOINER = " or "


def join_labels(names: Iterable[str]) -> str:
    """Names sorted, unique and joined by " or "; empty names are left out (none at all gives "")."""
    return JOINER.join(sorted({name for name in names if name}))


@dataclass(frozen=True, slots=True, order=True)
class LabelPath:
    """A sub-category with the categories that it implies, or a category without one.

    `categories` must be sorted, unique and not empty; ValueError says so otherwise.
    """

    categories: tuple[str, ...]
    sub_category: str = ""

    def __post_init__(self) -> None:
        if not self.categories or not all(self.categories):
            raise ValueError("a path needs at least one category, and no category name may be empty")
        if list(self.categories) != sorted(set(self.categories)):
            raise ValueError(f"the categories of a path must be sorted and unique: {self.categories}")

    @classmethod
    def of(cls, categories: Iterable[str], sub_category: str = "") -> "LabelPath":
        return cls(tuple(sorted(set(categories))), sub_category)

    @property
    def key(self) -> str:
        """Stable text that identifies the path: "a or b / X", or "a" without a sub-category."""
        return " / ".join(filter(None, (join_labels(self.categories), self.sub_category)))

    def to_json(self) -> dict[str, Any]:
        return {"categories": list(self.categories), "sub_category": self.sub_category}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "LabelPath":
        return cls(tuple(data["categories"]), data["sub_category"])


def category_text(paths: Iterable[LabelPath]) -> str:
    return join_labels(name for path in paths for name in path.categories)


def sub_category_text(paths: Iterable[LabelPath]) -> str:
    return join_labels(path.sub_category for path in paths)


def describe(paths: Sequence[LabelPath]) -> str:
    """The output format of the reference system: `category: X subcategory: Y`."""
    return f"category: {category_text(paths)} subcategory: {sub_category_text(paths)}"


def _joined_categories(path: LabelPath) -> str:
    return join_labels(path.categories)


@dataclass(frozen=True)
class Taxonomy:
    """An ordered, duplicate-free tuple of paths; indices into it are what models and examples use."""

    paths: tuple[LabelPath, ...]

    def __post_init__(self) -> None:
        if not self.paths:
            raise ValueError("a taxonomy needs at least one path: create a category first")
        if len(set(self.paths)) != len(self.paths):
            raise ValueError("the same path occurs twice in the taxonomy")

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        return tuple(sorted({name for path in self.paths for name in path.categories}))

    @cached_property
    def sub_categories(self) -> tuple[str, ...]:
        return tuple(sorted({path.sub_category for path in self.paths if path.sub_category}))

    @cached_property
    def category_matrix(self) -> NDArray[np.float32]:
        """(P, C) of 0 and 1; `probabilities @ category_matrix` is p(category), summed over implying paths."""
        column = {name: place for place, name in enumerate(self.categories)}
        matrix = np.zeros((len(self.paths), len(self.categories)), np.float32)
        for row, path in enumerate(self.paths):
            for name in path.categories:
                matrix[row, column[name]] = 1
        return matrix

    @cached_property
    def category_sets(self) -> NDArray[np.int64]:
        """(P,) number of each path's set of categories; paths that imply the same categories share one."""
        numbers: dict[tuple[str, ...], int] = {}
        return np.array([numbers.setdefault(path.categories, len(numbers)) for path in self.paths], np.int64)

    @cached_property
    def category_set_names(self) -> tuple[str, ...]:
        """What the sets of `category_sets` are called: their categories, joined."""
        names = dict(zip(self.category_sets.tolist(), map(_joined_categories, self.paths), strict=True))
        return tuple(names[number] for number in range(len(names)))

    def chosen(self, indices: Iterable[int]) -> list[LabelPath]:
        return [self.paths[index] for index in indices]
