"""Rule sets: the index answers as the plain loop does, and costs next to nothing."""

import random
import time
from typing import Any

from events.stream.rules import Entry, RuleSet
from events.stream.sigma import compile_rule

FIELDS = ("message", "user.name", "n", "tags")
TEXTS = ("bob", "Eve", "*", "b*", "7", "user logged in", "x\\*")


def entry(number: int, detection: str, source: str | None = None, service: str = "") -> Entry:
    bound = f", service: {service}" if service else ""
    text = f"title: rule {number}\nlogsource: {{product: caseloop{bound}}}\ndetection:\n{detection}\n"
    return Entry(number, "filter", f"rule {number}", source, compile_rule(text))


def random_entry(chance: random.Random, number: int) -> Entry:
    """Most are equalities on one field; some have patterns, several selections, negations."""
    selections = "".join(f"  s{i}: {random_selection(chance)}\n" for i in range(3))
    condition = chance.choice(
        ["s0", "s0", "s0 or s1", "s0 and s1", "s0 and not s2", "not s0", "1 of them", "(s0 or s1) and s2"]
    )
    source = chance.choice([None, None, "web", "ssh"])
    return entry(number, f"{selections}  condition: {condition}", source, chance.choice(["", "", "", "web"]))


def random_selection(chance: random.Random) -> str:
    parts = []
    for field in chance.sample(FIELDS, chance.choice([1, 1, 1, 2])):
        values = ", ".join(f"'{one}'" for one in chance.sample(TEXTS, chance.randint(1, 3)))
        parts.append(f"'{field}{chance.choice(['', '', '', '|cased', '|contains'])}': [{values}]")
    return "{" + ", ".join(parts) + "}"


def random_event(chance: random.Random) -> dict[str, Any]:
    values: list[Any] = ["bob", "BOB", "eve", "User logged in", "x*", 7, 7.0, True, None, ["bob", 7], [], {"a": 1}]
    return {field: chance.choice(values) for field in FIELDS if chance.random() < 0.8}


def plainly(entries: list[Entry], fields: dict[str, Any], source: str) -> Entry | None:
    return next((one for one in entries if one.concerns(source) and one.rule.matches(fields)), None)


def test_the_first_rule_is_the_same_as_asking_one_after_the_other() -> None:
    chance = random.Random(11)
    met = 0
    for _ in range(60):
        entries = [random_entry(chance, number) for number in range(chance.randint(1, 8))]
        rules = RuleSet(entries)
        for _ in range(40):
            fields, source = random_event(chance), chance.choice(["web", "ssh", "other"])
            expected = plainly(entries, fields, source)
            assert rules.first(fields, source) is expected
            met += expected is not None
    assert met > 500


def test_a_rule_of_one_source_leaves_others_alone() -> None:
    rules = RuleSet([entry(1, "  a: {f: x}\n  condition: a", source="web"), entry(2, "  a: {f: x}\n  condition: a")])
    assert [getattr(rules.first({"f": "x"}, source), "id", None) for source in ("web", "ssh")] == [1, 2]


def test_an_empty_set_matches_nothing() -> None:
    assert RuleSet().first({"f": "x"}, "web") is None
    assert len(RuleSet()) == 0


def test_a_thousand_equalities_cost_as_little_as_one() -> None:
    entries = [
        entry(n, f"  a: {{message: ['Phrase number {n}', 'Phrase number {n}.']}}\n  condition: a") for n in range(300)
    ]
    rules, event = RuleSet(entries), {"message": "Failed password for root from 10.0.0.1 port 22", "user.name": "root"}
    assert rules.first(event, "ssh") is None
    rounds = []
    for _ in range(7):
        started = time.perf_counter()
        for _ in range(2000):
            rules.first(event, "ssh")
        rounds.append((time.perf_counter() - started) / 2000)
    assert min(rounds) < 5e-6  # 0.4 us on a quiet machine
    assert rules.first({"message": "phrase NUMBER 299."}, "ssh") is entries[299]
