"""Syslog: RFC 5424 with structured data, RFC 3164, and rsyslog's files with ISO times."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from events.stream.event import BrokenLine, Reading
from events.stream.formats import sshd
from events.stream.formats.assembly import MOST_FIELDS
from events.stream.formats.reader import Reader, clean_text
from events.stream.formats.tables import Table
from events.stream.formats.times import MONTHS, iso, without_year

LEVELS = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")
HIGHEST_PRIORITY = 191
NIL = "-"
LONGEST_TAG = 100  # characters in which the program must be named, else the line is a message without one
LONGEST_HOST = 255
SSHD = frozenset({"sshd", "sshd-session", "sshd-auth"})

# Each part ends at a character that it cannot contain, and repeats possessively: no text makes these look back.
_PARAMETER = re.compile(r' *+([^ =\]"]{1,64}+)="((?:[^"\\\]]++|\\.)*+)"', re.DOTALL)
_ELEMENT = re.compile(r'\[([^ =\]"]{1,64}+)')
_ESCAPED = re.compile(r'\\(["\\\]])')


@dataclass
class Header:
    """What stands before the message. `at` is None for a line without a time that can be read."""

    fields: dict[str, Any]
    message: str
    at: float | None = None


class SyslogReader(Reader):
    """Times without a zone are taken as UTC; `clock` gives the year that RFC 3164 leaves out."""

    def __init__(
        self, table: Table, *, header: str = "", entity_field: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(table, header=header, entity_field=entity_field)
        self._clock = clock

    def read(self, raw: bytes) -> Reading | None:
        problems: list[str] = []
        text = clean_text(raw, problems).strip()
        if not text:
            return None
        parsed = header_of(text, self._clock(), problems)
        record = parsed.fields
        if record.get("process.name") in SSHD:
            record |= sshd.fields_of(parsed.message)
        record["message"] = parsed.message
        reading = self.assembler.reading(record, problems)
        reading.at = parsed.at
        return reading


def header_of(text: str, now: float, problems: list[str]) -> Header:
    """The parts of a line of either RFC; BrokenLine for a line that has neither priority nor time."""
    fields: dict[str, Any] = {}
    rest = _priority(text, fields)
    if rest.startswith("1 ") and fields:
        return _rfc5424(rest, fields, problems)
    at, stamp, rest = _stamp(rest, now)
    if not stamp:
        if not fields:
            raise BrokenLine("It is no syslog line: it begins with neither a priority in <> nor a time.")
        return Header(fields, rest)
    fields["@timestamp"] = stamp
    if at is None:
        problems.append("@timestamp is no readable time")
    host, _, rest = rest.partition(" ")
    if host.endswith(":") or not rest:  # no host, but the program at once
        rest = f"{host} {rest}".strip()
    else:
        fields["host.name"] = host[:LONGEST_HOST]
    return Header(fields, _program(rest, fields), at)


def _priority(text: str, fields: dict[str, Any]) -> str:
    """Takes `<13>` off the beginning."""
    if text[0] != "<":
        return text
    digits, closed, _ = text[1:6].partition(">")
    if not closed or not digits.isascii() or not digits.isdecimal() or int(digits) > HIGHEST_PRIORITY:
        raise BrokenLine(f"It is no syslog line: its priority is no number from 0 to {HIGHEST_PRIORITY}.")
    priority = int(digits)
    fields["log.syslog.facility.code"] = priority >> 3
    fields["log.syslog.severity.code"] = priority & 7
    fields["log.level"] = LEVELS[priority & 7]
    return text[len(digits) + 2 :].lstrip()


def _stamp(text: str, now: float) -> tuple[float | None, str, str]:
    """The time, its words, and what follows; no words where the text begins with no time."""
    if (month := MONTHS.get(text[:3])) and text[3:4] == " ":
        words = text[:40].split(None, 4)
        year = words[2] if len(words) > 3 and len(words[2]) == 4 and words[2].isdecimal() else ""
        if len(words) > 3 and words[1].isdecimal() and (clock := words[3 if year else 2])[2:3] == ":":
            stamp = text[: text.index(clock) + len(clock)]
            clock, rest = clock.rstrip(":"), text[len(stamp) :].lstrip()
            at = (
                iso(f"{year}-{month:02}-{words[1]:0>2}T{clock}")
                if year
                else without_year(month, int(words[1]), clock, now)
            )
            return at, stamp.rstrip(":"), rest
    if text[:4].isdecimal() and text[4:5] == "-" and text[10:11] == "T":
        stamp, _, rest = text.partition(" ")
        return iso(stamp), stamp, rest.lstrip()
    return None, "", text


def _program(rest: str, fields: dict[str, Any]) -> str:
    """Takes `sshd[42]: ` off the beginning; what is left is the message."""
    tag, colon, message = rest[:LONGEST_TAG].partition(":")
    name, bracket, pid = tag.partition("[")
    if not colon or " " in tag or not name or (message and not message.startswith(" ") and not bracket):
        return rest
    fields["process.name"] = name
    if pid.endswith("]"):
        fields["process.pid"] = pid[:-1]
    return rest[len(tag) + 1 :].lstrip()


def _rfc5424(rest: str, fields: dict[str, Any], problems: list[str]) -> Header:
    parts = rest.split(" ", 6)
    if len(parts) < 7:
        raise BrokenLine("It is no line of RFC 5424: after the version, six parts must stand before the message.")
    _, stamp, host, program, pid, message_id, rest = parts
    named = {"host.name": host[:LONGEST_HOST], "process.name": program, "process.pid": pid, "event.code": message_id}
    fields |= {name: value for name, value in named.items() if value != NIL}
    at = None
    if stamp != NIL:
        fields["@timestamp"] = stamp
        at = iso(stamp)
        if at is None:
            problems.append("@timestamp is no readable time")
    return Header(fields, _structured(rest, fields, problems).lstrip("\ufeff "), at)


def _structured(rest: str, fields: dict[str, Any], problems: list[str]) -> str:
    """Takes the structured data off the beginning; what is broken of it stays in the message."""
    if rest[:1] == NIL:
        return rest[1:]
    place = 0
    while element := _ELEMENT.match(rest, place):
        following = element.end()
        found = {}
        while parameter := _PARAMETER.match(rest, following):
            name = f"log.syslog.structured_data.{element[1]}.{parameter[1]}"
            found[name] = _ESCAPED.sub(r"\1", parameter[2])
            following = parameter.end()
        if rest[following : following + 1] != "]":
            break
        fields |= found
        if len(fields) > MOST_FIELDS:
            raise BrokenLine(f"Its structured data has more than {MOST_FIELDS} fields; leave out what nobody needs.")
        place = following + 1
    if not place or rest[place : place + 1] not in ("", " "):
        problems.append("its structured data cannot be read")
    return rest[place:]
