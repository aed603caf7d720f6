"""Mapping tables: which field of a format is which canonical one (ECS), and what it is good for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent

NUMBER = 0  # aggregated, in raw units
CATEGORY = 1  # its values are counted
TEXT = 2  # kept, no more: addresses, names, ids that many events share, ports of clients
TIME = 3  # when it happened
ID = 4  # the event's own id: two events with one id are one event
MESSAGE = 5
GUESS = 6  # unknown, in a table that guesses by value: a number or a category
COUNTED = 7  # guessed to be a number by an earlier value

KINDS = {"number": NUMBER, "category": CATEGORY, "text": TEXT, "time": TIME, "id": ID, "message": MESSAGE}
LISTS = {"entity", "message_from", "plain_endings"}
LONGEST_NAME = 80  # of a field that is aggregated or counted: what its column holds

Target = tuple[str, int]  # canonical name, kind


class BrokenTable(ValueError):
    """A mapping table contradicts itself; the message names the table and the entry."""


@dataclass(frozen=True)
class Table:
    """`targets` by source path. `rename` changes beginnings of paths before anything is looked up.

    `entity` and `message_from` are canonical names, the first that an event has is taken; `message_from` is asked
    only where there is no message. With `guess`, unknown fields become numbers or categories by their values, and
    paths are looked up whatever their case; those that end like `plain_endings` are left alone.
    """

    name: str
    targets: Mapping[str, Target]
    entity: tuple[str, ...]
    message_from: tuple[str, ...] = ()
    rename: tuple[tuple[str, str], ...] = ()
    guess: bool = False
    plain_endings: tuple[str, ...] = ()

    def target(self, path: str) -> Target:
        """What becomes of the field at a path."""
        for beginning, replacement in self.rename:
            if path.startswith(beginning):
                path = replacement + path[len(beginning) :]
                break
        known = self.targets.get(path.lower() if self.guess else path)
        if known is not None:
            return known
        if not self.guess or len(path) > LONGEST_NAME or f".{path}".endswith(self.plain_endings):
            return path, TEXT
        return path, GUESS


@cache
def load_table(name: str) -> Table:
    """The table that ships for a format; raises BrokenTable where it contradicts itself."""
    data = _data(name)
    table = Table(
        name=name,
        targets=dict(_targets(name, data)),
        entity=tuple(data.get("entity", ())),
        message_from=tuple(data.get("message_from", ())),
        rename=tuple(data.get("rename", {}).items()),
        guess=data.get("guess", False),
        plain_endings=tuple(data.get("plain_endings", ())),
    )
    named = {target for target, _ in table.targets.values()}
    strangers = {*table.entity, *table.message_from} - named
    if strangers or not table.entity:
        asked = ", ".join(sorted(strangers)) or "no entity at all"
        raise BrokenTable(f"{name}.yaml: entity and message_from must name fields of the table, not {asked}")
    return table


def _data(name: str) -> dict[str, Any]:
    """A table's own entries over those of the table that it extends."""
    own = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    if strangers := own.keys() - KINDS.keys() - LISTS - {"extends", "guess", "rename"}:
        raise BrokenTable(f"{name}.yaml: nothing is called {', '.join(sorted(strangers))}")
    if "extends" not in own:
        return dict(own)
    base = _data(own.pop("extends"))
    merged = {**base, **own}
    for kind in KINDS.keys() & base.keys() & own.keys():
        merged[kind] = _joined(base[kind], own[kind])
    return merged


def _joined(base: dict[str, list[str]], own: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: [*base.get(name, []), *own.get(name, [])] for name in {**base, **own}}


def _targets(name: str, data: dict[str, Any]) -> Iterator[tuple[str, Target]]:
    """Every path once. A canonical name is its own path too."""
    seen: set[str] = set()
    for kind, number in KINDS.items():
        for canonical, paths in data.get(kind, {}).items():
            if number in (NUMBER, CATEGORY) and len(canonical) > LONGEST_NAME:
                raise BrokenTable(f"{name}.yaml: {canonical} is longer than {LONGEST_NAME} characters")
            for path in dict.fromkeys([canonical, *paths]):
                asked = path.lower() if data.get("guess", False) else path
                if asked in seen:
                    raise BrokenTable(f"{name}.yaml: {path} stands there twice")
                seen.add(asked)
                yield asked, (canonical, number)
