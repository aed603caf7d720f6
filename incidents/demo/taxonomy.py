"""The default taxonomy: 15 categories and 35 sub-categories with guide texts and example reports."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class DemoDataError(ValueError):
    """The data files beside this module do not fit together; the message names the file and the entry."""


@dataclass(frozen=True)
class DemoLabel:
    """A category or sub-category: what belongs to it, what goes elsewhere, and short reports that show it."""

    name: str
    guide: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class DemoTaxonomy:
    """`rows` are (category, sub-category) in the order of taxonomy.csv; "" stands for no sub-category.

    A sub-category that sits under several categories has one entry in `sub_categories` and several rows.
    """

    categories: tuple[DemoLabel, ...]
    sub_categories: tuple[DemoLabel, ...]
    rows: tuple[tuple[str, str], ...]


@cache
def load_taxonomy() -> DemoTaxonomy:
    """Read the taxonomy that ships; raises DemoDataError where a label lacks its guide text."""
    with (HERE / "taxonomy.csv").open(encoding="utf-8", newline="") as file:
        rows = tuple((row["category"], row["sub_category"]) for row in csv.DictReader(file))
    guides = tomllib.loads((HERE / "data" / "guides.toml").read_text(encoding="utf-8"))
    return DemoTaxonomy(
        categories=_labels(dict.fromkeys(category for category, _ in rows), guides["categories"]),
        sub_categories=_labels(dict.fromkeys(sub for _, sub in rows if sub), guides["sub_categories"]),
        rows=rows,
    )


def _labels(names: dict[str, None], guides: dict[str, Any]) -> tuple[DemoLabel, ...]:
    if unmatched := names.keys() ^ guides.keys():
        raise DemoDataError(f"guides.toml and taxonomy.csv must name the same labels; only in one: {sorted(unmatched)}")
    return tuple(DemoLabel(name, guides[name]["guide"], tuple(guides[name]["examples"])) for name in names)
