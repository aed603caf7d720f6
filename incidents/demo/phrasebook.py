"""The sentence patterns the synthetic reports are made of, read from the data files and checked once."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from incidents.demo.taxonomy import HERE, DemoDataError, load_taxonomy

Sentences = tuple[str, ...]


@dataclass(frozen=True)
class PathPatterns:
    """Patterns of one path. `weight` is its share of the reports in percent; `gist` names it within a sentence.

    `neighbours` are paths that writers confuse with it; `india_only` keeps writers from abroad away from it;
    `sensitive` ones are told soberly, without guesses and without kept copies.
    """

    category: str
    sub_category: str
    weight: float
    family: str
    gist: str
    neighbours: Sentences
    titles: Sentences
    situations: Sentences
    details: Sentences
    hinglish: Sentences
    short: Sentences
    india_only: bool = False
    sensitive: bool = False

    @property
    def name(self) -> str:
        return self.sub_category or self.category

    @property
    def row(self) -> tuple[str, str]:
        return self.category, self.sub_category


@dataclass(frozen=True)
class FamilyPatterns:
    """Sentences too vague to tell the paths of one family apart."""

    vague: Sentences
    generic: Sentences
    hinglish: Sentences
    titles: Sentences


@dataclass(frozen=True)
class NarrativePatterns:
    """What any report of one tone or language may say around its incident."""

    openings: Sentences
    background: Sentences
    pleas: Sentences


@dataclass(frozen=True)
class Phrasebook:
    """`pairs` are the paths of two incidents told in one report; `slots` are the names that fill a {slot}."""

    paths: tuple[PathPatterns, ...]
    families: dict[str, FamilyPatterns]
    english: NarrativePatterns
    sensitive: NarrativePatterns
    hinglish: NarrativePatterns
    sensitive_hinglish: NarrativePatterns
    distractors: Sentences
    joiners: Sentences
    pairs: tuple[tuple[PathPatterns, PathPatterns], ...]
    by_name: dict[str, PathPatterns]
    slots: dict[str, Sentences]


@cache
def load_phrasebook() -> Phrasebook:
    """Read all patterns; raises DemoDataError where they do not cover exactly the taxonomy's paths."""
    common = _read(HERE / "data" / "common.toml")
    tables = [table for file in sorted((HERE / "data" / "patterns").glob("*.toml")) for table in _read(file)["path"]]
    paths = tuple(PathPatterns(**table) for table in tables)
    if sorted(path.row for path in paths) != sorted(load_taxonomy().rows):
        raise DemoDataError("data/patterns must hold exactly one entry for each row of taxonomy.csv")
    by_name = {path.name: path for path in paths}
    return Phrasebook(
        paths=paths,
        families={name: FamilyPatterns(**table) for name, table in common["families"].items()},
        english=NarrativePatterns(**common["english"]),
        sensitive=NarrativePatterns(**common["sensitive"]),
        hinglish=NarrativePatterns(**common["hinglish"]),
        sensitive_hinglish=NarrativePatterns(**common["sensitive_hinglish"]),
        distractors=common["distractors"],
        joiners=common["joiners"],
        pairs=tuple((by_name[first], by_name[second]) for first, second in common["pairs"]),
        by_name=by_name,
        slots=_read(HERE / "data" / "slots.toml"),
    )


def _read(file: Path) -> dict[str, Any]:
    table: dict[str, Any] = _frozen(tomllib.loads(file.read_text(encoding="utf-8")))
    return table


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
