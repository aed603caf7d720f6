"""The parts of a compiled rule: tests of one event's fields, and what an index may know about them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Fields = Mapping[str, Any]
Check = Callable[[Fields], bool]


@dataclass(frozen=True, slots=True)
class Predicate:
    """`anchors`: it holds only for events that have one of these (casefolded) texts in one of these fields.

    `exact`: and for all of those.
    """

    check: Check
    anchors: Mapping[str, frozenset[str]] | None = None
    exact: bool = False


def every(tests: Sequence[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]
    checks = [test.check for test in tests]

    def check(fields: Fields) -> bool:
        for one in checks:  # noqa: SIM110 (all() over a generator costs four times as much)
            if not one(fields):
                return False
        return True

    anchored = [test.anchors for test in tests if test.anchors is not None]
    return Predicate(check, min(anchored, key=_size, default=None))


def some(tests: Sequence[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]
    checks = [test.check for test in tests]

    def check(fields: Fields) -> bool:
        for one in checks:  # noqa: SIM110
            if one(fields):
                return True
        return False

    return Predicate(check, _joined(tests), all(test.exact for test in tests))


def opposite(test: Predicate) -> Predicate:
    inner = test.check
    return Predicate(lambda fields: not inner(fields))


def _joined(tests: Sequence[Predicate]) -> Mapping[str, frozenset[str]] | None:
    joined: dict[str, frozenset[str]] = {}
    for test in tests:
        if test.anchors is None:
            return None
        for field, texts in test.anchors.items():
            joined[field] = joined.get(field, frozenset()) | texts
    return joined


def _size(anchors: Mapping[str, frozenset[str]]) -> int:
    return sum(len(texts) for texts in anchors.values())
