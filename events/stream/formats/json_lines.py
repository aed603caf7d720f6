"""JSON lines: one object a line, its fields nested or dotted."""

from typing import Any

import orjson

from events.stream.event import BrokenLine, Reading
from events.stream.formats.assembly import MOST_DEPTH
from events.stream.formats.reader import NO_NUL, Reader, clean_text, refuse_long
from events.stream.lines import MAX_LINE

ESCAPED_NUL = b"\\u0000"


class JsonReader(Reader):
    """Every JSON format; the table makes the difference."""

    def read(self, raw: bytes) -> Reading | None:
        problems: list[str] = []
        record = loaded(raw, problems)
        return None if record is None else self.assembler.reading(record, problems)


def loaded(raw: bytes, problems: list[str]) -> dict[str, Any] | None:
    """The object of a line; None for a blank one. BrokenLine for what is no object."""
    if len(raw) > MAX_LINE:
        refuse_long(raw)
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        text = clean_text(raw, problems).strip()
        if not text:
            return None
        record = _loaded_again(text)
        raw = text.encode()  # taking NUL out of an escape can make another one of it
    if record.__class__ is not dict:
        raise BrokenLine(f"The line is {_called(record)}, not an object; each line must be one object in braces.")
    if ESCAPED_NUL in raw and (cleaned := without_nul(record, 1)) != record:
        problems.append(NO_NUL)
        record = cleaned
    return record  # type: ignore[no-any-return]


def without_nul(value: Any, depth: int) -> Any:
    """The value with NUL taken out of its texts and names, however deep it may be nested."""
    if value.__class__ is str:
        return value.replace("\0", "")
    if depth > MOST_DEPTH:
        raise BrokenLine(f"Its values are nested more than {MOST_DEPTH} deep.")
    if value.__class__ is list:
        return [without_nul(member, depth + 1) for member in value]
    if value.__class__ is dict:
        return {name.replace("\0", ""): without_nul(member, depth + 1) for name, member in value.items()}
    return value


def _loaded_again(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BrokenLine(f"It is no JSON: {_reason(text, error)}.") from error


def _reason(text: str, error: orjson.JSONDecodeError) -> str:
    place = f"at character {error.pos + 1:,}"
    if text[0] != "{":
        return "it does not begin with a brace"
    if text.startswith(("NaN", "Infinity", "-Infinity"), error.pos) or text.startswith(
        ("NaN", "Infinity"), error.pos - 1
    ):
        return f"NaN or Infinity {place}, which JSON does not know; send null"
    if error.pos >= len(text):
        return "it ends in the middle"
    return f"{error.msg.partition(':')[0]}, {place}"


def _called(record: Any) -> str:
    return {list: "an array", str: "a text", bool: "a truth value", type(None): "null"}.get(type(record), "a number")
