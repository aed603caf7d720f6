"""Sigma rules: what they match, and what is refused with a reason."""

import json
import random
import time
from typing import Any

import pytest

from events.stream.formats import open_reader
from events.stream.formats.tables import load_table
from events.stream.sigma import InvalidRule, Rule, UnsupportedRule, compile_rule
from events.stream.sigma_fields import names_of
from events.stream.sigma_patterns import escaped


def rule(*lines: str, condition: str = "selection") -> Rule:
    """A rule with one selection; `lines` are its fields."""
    body = "\n".join(f"    {line}" for line in lines)
    return whole(f"  selection:\n{body}\n  condition: {condition}")


def whole(detection: str, before: str = "") -> Rule:
    return compile_rule(f"title: Some rule\nlogsource:\n  product: caseloop\n{before}\ndetection:\n{detection}\n")


def test_a_rule_has_a_title_a_log_source_and_a_condition() -> None:
    made = whole("  sel:\n    user.name: bob\n  condition: sel")
    assert (made.title, made.logsource, made.source) == ("Some rule", {"product": "caseloop"}, None)
    assert made.matches({"user.name": "bob"})
    assert not made.matches({"user.name": "bobby"})
    assert not made.matches({})


def test_a_service_of_caseloop_binds_a_rule_to_that_source() -> None:
    text = "title: t\nlogsource: {product: %s, service: sshd}\ndetection:\n  a: {message: x}\n  condition: a\n"
    assert compile_rule(text % "caseloop").source == "sshd"
    assert compile_rule(text % "linux").source is None


MATCHES: list[tuple[list[str], Any, bool]] = [
    (["f: Abc"], "aBC", True),  # case counts for nothing
    (["f: STRASSE"], "straße", True),
    (["f: 'a*c'"], "a--c", True),
    (["f: 'a*c'"], "a--cd", False),
    (["f: 'a*c'"], "a\nc", True),
    (["f: 'a?c'"], "aäc", True),
    (["f: 'a?c'"], "ac", False),
    (["f: '?'"], "x", True),
    (["f: '*'"], "", True),
    (["f: '*'"], None, False),
    ([r"f: 'a\*c'"], "a*c", True),
    ([r"f: 'a\*c'"], "abc", False),
    ([r"f: 'C:\Windows\cmd.exe'"], r"c:\windows\CMD.EXE", True),
    ([r"f: 'C:\\*'"], "c:\\temp", True),
    ([r"f: 'C:\\\*'"], "c:\\*", True),
    (["f: ''"], "", True),
    (["f: ''"], None, False),
    (["f: [a, 'b*']"], "BCD", True),
    (["f: [a, 'b*']"], "ab", False),
    (["f: 4625"], 4625, True),
    (["f: 4625"], "4625", True),
    (["f: '4625'"], 4625.0, True),
    (["f: 1.5"], 1.5, True),
    (["f: true"], True, True),
    (["f: 'true'"], True, True),
    (["f: true"], 1, False),
    (["f: no"], "no", True),  # words stay words
    (["f: 010"], "010", True),
    (["f: 2024-01-01"], "2024-01-01", True),
    (["f: 12:30"], "12:30", True),
    (["f: a"], ["b", "A"], True),  # any value of a list
    (["f: a"], ["b", None], False),
    (["f: a"], {"a": 1}, False),
    (["f: null"], None, True),
    (["f: null"], "x", False),
    (["f: [null, x]"], None, True),
    (["f: [null, x]"], "X", True),
    (["f|contains: Fail"], "login failure", True),
    (["f|contains: [foo, 'lo*ail']"], "login failure", True),
    (["f|contains: ''"], "x", True),
    (["f|contains|all: [login, failure]"], "login failure", True),
    (["f|contains|all: [login, success]"], "login failure", False),
    (["f|contains|all: [a, b]"], ["a", "b"], True),
    (["f|startswith: lo"], "Login", True),
    (["f|startswith: in"], "Login", False),
    (["f|endswith: IN"], "Login", True),
    (["f|cased: Login"], "Login", True),
    (["f|cased: Login"], "login", False),
    (["f|contains|cased: Log"], "a login", False),
    (["f|re: '^log.n$'"], "login", True),
    (["f|re: '^LOG'"], "login", False),
    (["f|re|i: '^LOG'"], "login", True),
    (["f|re: 'o.*l'"], "o\nl", False),
    (["f|re|s: 'o.*l'"], "o\nl", True),
    (["f|re|m: '^l'"], "o\nl", True),
    (["f|re: '^\\d+$'"], 42, True),
    (["f|cidr: 10.0.0.0/8"], "10.9.8.7", True),
    (["f|cidr: 10.0.0.0/8"], "::ffff:10.9.8.7", True),
    (["f|cidr: 10.0.0.0/8"], "11.9.8.7", False),
    (["f|cidr: 10.0.0.0/8"], "ten", False),
    (["f|cidr: 10.0.0.0/8"], 167772161, False),
    (["f|cidr: [10.0.0.0/8, 'fe80::/10']"], "fe80::1", True),
    (["f|exists: true"], "", True),
    (["f|exists: true"], None, False),
    (["f|exists: false"], None, True),
    (["f|gte: 3"], 3, True),
    (["f|gt: 3"], 3, False),
    (["f|gt: 3"], "3.5", True),
    (["f|lt: -1"], -1.5, True),
    (["f|lte: 5"], float("nan"), False),
    (["f|lte: 5"], True, False),
    (["f|lte: 5"], "many", False),
    (["f|gt: 5"], "inf", False),
    (["f|gt: [10, 3]"], 5, True),
]


@pytest.mark.parametrize(("lines", "value", "expected"), MATCHES)
def test_one_field_against_one_value(lines: list[str], value: Any, expected: bool) -> None:
    fields = {} if value is None else {"f": value}
    assert rule(*lines).matches(fields) is expected


def test_the_fields_of_a_selection_have_to_fit_together() -> None:
    made = rule("event.code: 4625", "source.ip|cidr: 10.0.0.0/8")
    assert made.matches({"event.code": 4625, "source.ip": "10.1.1.1"})
    assert not made.matches({"event.code": 4625})


def test_a_list_of_maps_fits_where_one_of_them_does() -> None:
    made = rule("- user.name: bob", "- user.name: eve", "  host.name: web")
    assert made.matches({"user.name": "bob"})
    assert made.matches({"user.name": "eve", "host.name": "web"})
    assert not made.matches({"user.name": "eve"})


@pytest.mark.parametrize("name", ["process.executable", "Image", "winlog.event_data.Image"])
def test_usual_names_of_sigma_find_the_canonical_field_or_their_own(name: str) -> None:
    assert rule(r"Image|endswith: '\powershell.exe'").matches({name: r"C:\Windows\PowerShell.exe"})
    assert not rule("Image: null").matches({name: "x"})
    assert rule("Image|exists: true").matches({name: "x"})


def test_a_rule_for_windows_meets_an_event_of_windows() -> None:
    line = {
        "winlog": {
            "event_id": 4625,
            "event_data": {"LogonType": "10", "TargetUserName": "bob", "IpAddress": "10.0.0.1"},
        },
        "@timestamp": "2026-01-01T00:00:00Z",
    }
    reading = open_reader("sysmon").read(json.dumps(line).encode())
    assert reading is not None
    made = rule("EventID: 4625", "LogonType: 10", "TargetUserName: BOB", "IpAddress|cidr: 10.0.0.0/8")
    assert made.matches(reading.fields)


def test_names_of_windows_agree_with_what_the_format_makes_of_them() -> None:
    for path, (canonical, _) in load_table("sysmon").targets.items():
        name = path.removeprefix("winlog.event_data.")
        if name != path and canonical != "@timestamp":
            assert canonical in names_of(name), name


CONDITIONS = [
    ("a and b", "a&b"), ("a or b", "a|b"), ("not a", "!a"), ("not not a", "a"), ("a and not b", "a&!b"),
    ("a or b and c", "a|(b&c)"), ("(a or b) and c", "(a|b)&c"), ("not (a and b) or c", "!(a&b)|c"),
    ("1 of sel_*", "d|e"), ("all of sel_*", "d&e"), ("1 of them", "a|b|c|d|e"), ("all of them", "a&b&c&d&e"),
    ("any of them", "a|b|c|d|e"), ("not 1 of sel_*", "!(d|e)"), ("a AND (NOT b OR c)", "a&(!b|c)"), ("1 of a", "a"),
]  # fmt: skip
NAMES = {"a": "a", "b": "b", "c": "c", "d": "sel_d", "e": "sel_e"}


@pytest.mark.parametrize(("condition", "formula"), CONDITIONS)
def test_conditions_mean_what_they_say(condition: str, formula: str) -> None:
    body = "".join(f"  {name}:\n    {key}: 1\n" for key, name in NAMES.items())
    made = whole(f"{body}  _hidden:\n    h: 1\n  condition: {condition}")
    python = formula.replace("!", " not ").replace("&", " and ").replace("|", " or ")
    for bits in range(32):
        held = {name: bool(bits >> at & 1) for at, name in enumerate("abcde")}
        assert made.matches({name: 1 for name, holds in held.items() if holds}) is eval(python, {}, held)


UNSUPPORTED = [
    ("  keywords:\n    - mimikatz\n  condition: keywords", "without a field"),
    ("  keywords: mimikatz\n  condition: keywords", "without a field"),
    ("  keywords:\n    '|all': [a, b]\n  condition: keywords", "no field"),
    ("  a:\n    - f: 1\n    - word\n  condition: a", "without a field"),
    ("  a: {f: 1}\n  condition: a | count() by user.name > 5", "one event"),
    ("  a: {f: 1}\n  b: {f: 2}\n  condition: a near b", "one event"),
    ("  a: {f: 1}\n  timeframe: 5m\n  condition: a", "timeframe"),
    ("  a: {f: 1}\n  condition: [a, a]", "list of conditions"),
    ("  a: {f: 1}\n  condition: 2 of them", "“2 of ...”"),
    ("  a: {f|base64offset|contains: x}\n  condition: a", "base64offset"),
    ("  a: {f|windash: -x}\n  condition: a", "windash"),
    ("  a: {f|expand: '%users%'}\n  condition: a", "expand"),
    ("  a: {f|fieldref: g}\n  condition: a", "fieldref"),
    ("  a: {f|re: '(?=x)'}\n  condition: a", "look-around"),
    ("  a: {f|re: '(x)\\1'}\n  condition: a", "back references"),
    ("  a: {f|re: '(x{1000}){1000}'}\n  condition: a", "large repetitions"),
]


@pytest.mark.parametrize(("detection", "words"), UNSUPPORTED)
def test_what_goes_beyond_is_refused_by_name(detection: str, words: str) -> None:
    with pytest.raises(UnsupportedRule) as refused:
        whole(detection)
    assert words in str(refused.value)
    assert str(refused.value).endswith((".", "..."))


@pytest.mark.parametrize("key", ["correlation", "action", "filter"])
def test_rules_about_rules_are_refused(key: str) -> None:
    with pytest.raises(UnsupportedRule, match="not supported"):
        whole("  a: {f: 1}\n  condition: a", before=f"{key}: {{type: event_count}}")


INVALID = [
    ("", "YAML mapping"),
    ("- a\n- b", "YAML mapping"),
    ("just words", "YAML mapping"),
    ("title: t\n\tx: 1", "Line 2"),
    ("title: 'open", "not valid YAML"),
    ("title: a\n---\ntitle: b", "one rule at a time"),
    ("title: \x00", "control characters"),
    ("title: a\udc80", "Unicode"),
    ("logsource: {product: x}\ndetection: {}", "no title"),
    ("title: t\ndetection: {}", "no logsource"),
    ("title: t\nlogsource: {product: 5}\ndetection: {}", "“product”"),
    ("title: t\nlogsource: {product: x}", "no detection"),
    ("title: t\ntitle: t", "twice"),
    ("title: t\n[a, b]: c", "key"),
    ("title: &a t\nx: *a", "references"),
    ("title: !!python/name:os.system x", "tag"),
    ("title: t\nx: " + "[" * 2000, "nested deeper"),
    ("title: t\nx: " + "9" * 5000, "too long"),
    ("title: t\n# " + "x" * 70_000, "64 kB"),
]


@pytest.mark.parametrize(("text", "words"), INVALID)
def test_what_is_no_rule_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(InvalidRule) as refused:
        compile_rule(text)
    assert words in str(refused.value)


WRONG = [
    ("  a: {f: 1}", "no condition"),
    ("  a: {f: 1}\n  condition: ''", "no condition"),
    ("  a: {}\n  condition: a", "empty"),
    ("  a: {f: []}\n  condition: a", "no values"),
    ("  a: {f: {g: 1}}\n  condition: a", "mapping"),
    ("  a: {f: [[1]]}\n  condition: a", "list"),
    ("  a: {f|contains: null}\n  condition: a", "null"),
    ("  a: {f|exists: maybe}\n  condition: a", "true or false"),
    ("  a: {f|gt: '5'}\n  condition: a", "number"),
    ("  a: {f|gt: null}\n  condition: a", "number"),
    ("  a: {f|cidr: 10.0.0.1/8}\n  condition: a", "no network"),
    ("  a: {f|re: 5}\n  condition: a", "quotes"),
    ("  a: {f|re: " + "a" * 3000 + "}\n  condition: a", "longer"),
    ("  a: {f|contains|re: x}\n  condition: a", "contradict"),
    ("  a: {f|cased|re: x}\n  condition: a", "contradict"),
    ("  a: {f|i: x}\n  condition: a", "contradict"),
    ("  a: {f|gt|all: 1}\n  condition: a", "contradict"),
    ("  a: {f|contains|contains: x}\n  condition: a", "contradict"),
    ("  a: {f: 1}\n  condition: b", "no such selection"),
    ("  a: {f: 1}\n  condition: 1 of b*", "there is none"),
    ("  a: {f: 1}\n  condition: a and", "not complete"),
    ("  a: {f: 1}\n  condition: not", "not complete"),
    ("  a: {f: 1}\n  condition: (a", "parenthesis"),
    ("  a: {f: 1}\n  condition: a)", "cannot be read"),
    ("  a: {f: 1}\n  condition: a a", "cannot be read"),
    ("  a: {f: 1}\n  condition: 1 of", "there is none"),
    ("  a: {f: 1}\n  condition: " + "(" * 60 + "a" + ")" * 60, "parentheses"),
    ("  a: {f: 1}\n  condition: " + "not " * 3000 + "a", "words"),
]


@pytest.mark.parametrize(("detection", "words"), WRONG)
def test_a_rule_that_contradicts_itself_is_refused(detection: str, words: str) -> None:
    with pytest.raises(InvalidRule) as refused:
        whole(detection)
    assert words in str(refused.value)


def test_a_bomb_of_references_is_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(8)]
    started = time.perf_counter()
    with pytest.raises(InvalidRule, match="references"):
        compile_rule("\n".join(lines))
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    "line",
    [
        "f|re: '(a+)+$'",
        "f|re: '(a|a)*b'",
        "f|re: '(.*a){20}$'",
        "f: 'a*a*a*a*a*a*a*a*a*a*a*b'",
        "f|re: '(a?){60}a{60}c'",
    ],
)
def test_no_pattern_hangs(line: str) -> None:
    made = rule(line)
    started = time.perf_counter()
    assert not made.matches({"f": "a" * 20_000 + "!"})
    assert time.perf_counter() - started < 1


def test_no_text_of_any_kind_makes_it_fail_otherwise() -> None:
    chance = random.Random(7)
    good = (
        "title: t\nlogsource: {product: x}\ndetection:\n  a: {f|re: 'x+', g: ['a*', null, 4]}\n  condition: 1 of a*\n"
    )
    alphabet = "ab*?\\'\"|[]{}:,&!%@`-> \n\t#0019ä~()"
    for _ in range(1500):
        text = list(good)
        for _ in range(chance.randint(1, 6)):
            text[chance.randrange(len(text))] = chance.choice(alphabet)
        try:
            made = compile_rule("".join(text))
        except (InvalidRule, UnsupportedRule):
            continue
        made.matches({"f": "xx", "g": "abc"})


def test_an_escaped_value_matches_itself_alone() -> None:
    for name in ["*", "?", "\\", "\\*", "a\\\\b?", "DOM\\bob", 'o\'brien "x"', "**", "\\\\*\\", "x: y # z"]:
        quoted = escaped(name).replace("'", "''")
        made = rule(f"f: '{quoted}'")
        assert made.matches({"f": name})
        assert not any(made.matches({"f": other}) for other in (name + "x", "x" + name, "a", "ab", "\\a"))


def test_lone_surrogates_in_events_do_no_harm() -> None:
    for line in ("f: 'a*b*c'", "f|re: 'a.c'", "f|contains: x"):
        rule(line).matches({"f": "a\ud800c"})
