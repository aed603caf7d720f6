"""ArcSight Common Event Format, alone or behind a syslog header."""

import re
import time
from itertools import islice
from typing import Any

from events.stream.event import BrokenLine, Reading
from events.stream.formats.assembly import MOST_FIELDS
from events.stream.formats.reader import Reader, clean_text
from events.stream.formats.syslog import Header, header_of

BEGINNING = "CEF:"
FARTHEST = 1000  # characters of a syslog header before it
PARTS = (
    "cef.version", "observer.vendor", "observer.product", "observer.version", "event.code", "name", "event.severity",
)  # fmt: skip

# Possessive, and each part ends at a character that it cannot contain: no text makes these look back.
_PART = re.compile(r"((?:[^|\\]++|\\.)*+)\|")
_KEY = re.compile(r"(?:^|(?<=\s))([A-Za-z0-9_.\[\]-]{1,64}+)=")
_ESCAPED = re.compile(r"\\([\\|=nr])")
_MEANT = {"n": "\n", "r": "\r"}


class CefReader(Reader):
    """The extension's own time goes before the syslog header's."""

    def read(self, raw: bytes) -> Reading | None:
        problems: list[str] = []
        text = clean_text(raw, problems).strip()
        if not text:
            return None
        start = text.find(BEGINNING, 0, FARTHEST)
        if start < 0:
            raise BrokenLine("It is no CEF line: nowhere does it say CEF: and a version.")
        record = cef_fields(text[start + len(BEGINNING) :])
        before = _before(text[:start])
        for name in ("host.name", "log.level"):
            if before and name in before.fields:
                record.setdefault(name, before.fields[name])
        reading = self.assembler.reading(record, problems)
        if before and reading.at is None and before.at is not None:
            reading.at = before.at
            reading.fields.setdefault("@timestamp", before.fields["@timestamp"])
        return reading


def cef_fields(text: str) -> dict[str, Any]:
    """What stands after `CEF:`, by its own names; BrokenLine for fewer than seven parts."""
    record: dict[str, Any] = {}
    place = 0
    for name in PARTS:
        part = _PART.match(text, place)
        if part is None:
            if name != PARTS[-1]:
                raise BrokenLine(f"A CEF header has {len(PARTS)} parts, each ended by |; this one has {len(record)}.")
            record[name], place = text[place:].strip(), len(text)  # no extension, and no | after the severity
            break
        record[name], place = _meant(part[1]).strip(), part.end()
    return record | extension_of(text[place:])


def extension_of(text: str) -> dict[str, str]:
    """`key=value` pairs; values hold blanks, and `=` as `\\=`. A key that comes twice has its last value."""
    keys = list(islice(_KEY.finditer(text), MOST_FIELDS + 1))
    if len(keys) > MOST_FIELDS:
        raise BrokenLine(f"The extension has more than {MOST_FIELDS} fields; leave out what nobody needs.")
    ends = [*(key.start() for key in keys), len(text)][1:]
    return {key[1]: _meant(text[key.end() : end].strip()) for key, end in zip(keys, ends, strict=True)}


def _before(text: str) -> Header | None:
    """The syslog header before it, if there is one; some forwarders put other words there, which say nothing."""
    try:
        return header_of(f"{text.strip()} -", time.time(), []) if text.strip() else None
    except BrokenLine:
        return None


def _meant(text: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), text) if "\\" in text else text
