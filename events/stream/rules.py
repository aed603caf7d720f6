"""Which of many rules an event meets first.

Nearly all rules can only hold for events with one of certain texts in one of certain fields (message is one of these
phrases, user.name is this one). Such rules wait in tables by text: an event costs one look-up a field, whatever the
number of rules. The order in which people put the rules decides all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from events.stream.sigma import Rule
from events.stream.sigma_patterns import text_of
from events.stream.sigma_predicates import Check, Fields


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule with its row: `kind` is what follows from it; `source` the only source it is asked about, or None."""

    id: int
    kind: str
    title: str
    source: str | None
    rule: Rule

    def concerns(self, source: str) -> bool:
        return self.source in {None, source} and self.rule.source in {None, source}


class RuleSet:
    """Rules in the order in which they are asked."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = tuple(entries)
        self._plans: dict[str, _Plan] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def first(self, fields: Fields, source: str) -> Entry | None:
        """The first rule that an event of a source meets; the same as asking one after the other."""
        plan = self._plans.get(source)
        if plan is None:
            plan = self._plans[source] = _Plan([entry for entry in self.entries if entry.concerns(source)])
        return plan.first(fields)


Candidate = tuple[int, Check | None]  # place in the order, and what remains to be tested


class _Plan:
    """The rules of one source: by field and text those that need it, and the rest."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.rest: list[tuple[int, Check]] = []
        tables: dict[str, dict[str, list[Candidate]]] = {}
        for place, entry in enumerate(entries):
            predicate = entry.rule.predicate
            if predicate.anchors is None:
                self.rest.append((place, predicate.check))
                continue
            candidate = (place, None if predicate.exact else predicate.check)
            for field, texts in predicate.anchors.items():
                for text in texts:
                    tables.setdefault(field, {}).setdefault(text, []).append(candidate)
        self.tables = tuple(tables.items())

    def first(self, fields: Fields) -> Entry | None:
        best = len(self.entries)
        for field, table in self.tables:
            value = fields.get(field)
            if value.__class__ is str:
                candidates = table.get(value.casefold())
            else:
                candidates = None if value is None else _candidates(table, value)
            if candidates:
                best = _earliest(candidates, fields, best)
        for place, check in self.rest:
            if place >= best:
                break
            if check(fields):
                return self.entries[place]
        return self.entries[best] if best < len(self.entries) else None


def _candidates(table: Mapping[str, list[Candidate]], value: Any) -> list[Candidate]:
    """Of a value that is no text, or a list: those of all its values, in order."""
    found: list[Candidate] = []
    for one in value if isinstance(value, list) else [value]:
        text = text_of(one)
        if text is not None:
            found += table.get(text.casefold(), [])
    return sorted(found, key=lambda candidate: candidate[0])


def _earliest(candidates: Iterable[Candidate], fields: Fields, best: int) -> int:
    for place, check in candidates:
        if place >= best:
            return best
        if check is None or check(fields):
            return place
    return best
