"""Texts as Sigma compares them: without regard to case, with * and ? as wildcards and the backslash as their escape."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import re2

from events.stream.sigma_errors import InvalidRule, UnsupportedRule

Matcher = Callable[[str], bool]

REGEX_MEMORY = 1 << 20  # bytes; bounds how large a program a pattern may become
LONGEST_REGEX = 2000


class Wild(Enum):
    ANY = "*"
    ONE = "?"


Part = str | Wild


def parts_of(text: str) -> list[Part]:
    r"""Literals and wildcards. `\*` and `\?` are literal, `\\` is one backslash, and so is any other lone one."""
    parts: list[Part] = []
    literal, at = "", 0
    while at < len(text):
        one = text[at]
        if one == "\\" and text[at + 1 : at + 2] in {"*", "?", "\\"}:
            literal, at = literal + text[at + 1], at + 2
            continue
        if one in "*?":
            parts += [literal, Wild(one)] if literal else [Wild(one)]
            literal = ""
        else:
            literal += one
        at += 1
    return [*parts, literal] if literal or not parts else parts


def literal_of(parts: Sequence[Part]) -> str | None:
    """The text that is all they match; None for patterns."""
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else None


def escaped(text: str) -> str:
    """A value that matches that text alone."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


def text_of(value: Any) -> str | None:
    """What a value of an event looks like in a rule: 1, 1.0 and "1" are alike. None for what is no single value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None


def glob(parts: Sequence[Part], *, cased: bool) -> Matcher:
    """Matches whole texts, casefolded ones unless `cased`. Linear in the text, whatever the pattern."""
    wanted = [part if cased or isinstance(part, Wild) else part.casefold() for part in parts]
    match wanted:
        case [str(text)]:
            return lambda value: value == text
        case [Wild.ANY]:
            return lambda value: True
        case [str(text), Wild.ANY]:
            return lambda value: value.startswith(text)
        case [Wild.ANY, str(text)]:
            return lambda value: value.endswith(text)
        case [Wild.ANY, str(text), Wild.ANY]:
            return lambda value: text in value
    ways = {Wild.ANY: ".*", Wild.ONE: "."}
    body = "".join(ways[part] if isinstance(part, Wild) else re2.escape(part) for part in wanted)
    return _searching(f"(?s)^{body}$")


def regex(pattern: str, flags: str) -> Matcher:
    """A search by RE2, whose time is linear in the text: no pattern makes a worker hang."""
    if len(pattern) > LONGEST_REGEX:
        raise InvalidRule(f"A regular expression is longer than {LONGEST_REGEX} characters. Use several.")
    return _searching(f"(?{flags}){pattern}" if flags else pattern)


def _searching(pattern: str) -> Matcher:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = REGEX_MEMORY
    try:
        search = re2.compile(pattern.encode("utf-8", "replace"), options).search
    except re2.error as error:
        problem = error.args[0].decode(errors="replace") if error.args else "unknown"
        raise UnsupportedRule(
            f"The pattern “{pattern[:80]}” is not supported ({problem}): look-around, back references and very large "
            "repetitions are not. Write it without, or as several selections."
        ) from error
    return lambda value: search(value.encode("utf-8", "replace")) is not None
