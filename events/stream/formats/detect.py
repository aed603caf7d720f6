"""Telling a format from the first lines of a file or batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from events.stream.event import BrokenLine
from events.stream.formats.csv_lines import cells_of, column_names, delimiter_of, is_reference
from events.stream.formats.names import FORMATS, UnknownFormat
from events.stream.formats.reader import MARK
from events.stream.formats.syslog import header_of

LOOKED_AT = 20  # lines that are not blank
ENOUGH = 100_000  # bytes of a line that are looked at
NEW_YEAR = 2e9  # any time: only whether there is one counts
NAME_WORDS = 4  # in a column's name; more are prose
ECS = frozenset(
    {"event", "host", "source", "destination", "user", "process", "network", "file", "agent", "client", "server"}
)
SURICATA = frozenset({"flow_id", "in_iface", "pcap_cnt", "dest_ip"})
HINT = f"Name the format: {', '.join(FORMATS)}."


def detect_format(lines: Sequence[bytes]) -> str:
    """The format that most of the first lines have; UnknownFormat where none fits."""
    sample = _sample(lines)
    if not sample:
        raise UnknownFormat(f"There is no line to tell the format from. {HINT}")
    if sample[0].startswith(("#separator", "#fields")):
        return "zeek"
    votes = Counter(filter(None, map(_json_kind, sample))) or Counter(filter(None, map(_text_kind, sample)))
    if votes:
        return votes.most_common(1)[0][0]
    if sample[0].lstrip()[:1] in ("{", "["):
        raise UnknownFormat(
            "It looks like JSON, but no line holds a whole object. Put each event on its own line, as `jq -c` does."
        )
    if is_reference(sample[0]):
        return "reference"
    if _is_csv(sample):
        return "csv"
    raise UnknownFormat(f"The format cannot be told from the first lines. {HINT} CSV needs its header line.")


def _sample(lines: Sequence[bytes]) -> list[str]:
    sample: list[str] = []
    for raw in lines:
        text = raw[:ENOUGH].removeprefix(MARK).replace(b"\0", b"").decode(errors="replace").strip("\r\n")
        if text.strip():
            sample.append(text)
        if len(sample) == LOOKED_AT:
            break
    return sample


def _json_kind(line: str) -> str:
    """The JSON format of a line, or nothing."""
    if not line.lstrip().startswith("{"):
        return ""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return ""
    return next((name for name, fits in _JSON_KINDS.items() if fits(record)), "json")


def _is_sysmon(record: Mapping[str, Any]) -> bool:
    event = record.get("Event")
    return "winlog" in record or (isinstance(event, dict) and "System" in event) or "winlog.event_id" in record


def _is_suricata(record: Mapping[str, Any]) -> bool:
    kind = record.get("event_type")
    return "timestamp" in record and (kind == "stats" or (kind is not None and not SURICATA.isdisjoint(record)))


def _is_zeek(record: Mapping[str, Any]) -> bool:
    return "ts" in record and bool({"id.orig_h", "_path", "uid", "fuid", "_write_ts"} & record.keys())


def _is_ocsf(record: Mapping[str, Any]) -> bool:
    return "class_uid" in record


def _is_ecs(record: Mapping[str, Any]) -> bool:
    if {"ecs", "ecs.version"} & record.keys():
        return True
    return "@timestamp" in record and any(key.partition(".")[0] in ECS and _is_set(key, record) for key in record)


def _is_set(key: str, record: Mapping[str, Any]) -> bool:
    """Whether a name stands for a set of fields, dotted or nested: a plain `host` is anybody's."""
    return "." in key or isinstance(record[key], dict)


_JSON_KINDS = {"sysmon": _is_sysmon, "ocsf": _is_ocsf, "suricata": _is_suricata, "zeek": _is_zeek, "ecs": _is_ecs}


def _text_kind(line: str) -> str:
    place = line.find("CEF:", 0, 1000)
    if place >= 0 and line[place + 4 : place + 5].isdigit() and line.count("|", place) >= 6:
        return "cef"
    try:
        header = header_of(line, NEW_YEAR, [])
    except BrokenLine:
        return ""
    return "syslog" if "log.level" in header.fields or (header.at is not None and "host.name" in header.fields) else ""


def _is_csv(sample: list[str]) -> bool:
    """A first line of several names, and as many cells on the next one."""
    delimiter = delimiter_of(sample[0])
    try:
        names = column_names(cells_of(sample[0], delimiter))
        return (
            len(names) > 1
            and all(len(name.split()) <= NAME_WORDS for name in names)
            and (len(sample) == 1 or any(len(cells_of(line, delimiter)) == len(names) for line in sample[1:3]))
        )
    except BrokenLine:
        return False
