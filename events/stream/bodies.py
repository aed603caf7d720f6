"""Request bodies to lines: one event each, whatever the content type."""

import orjson


class BrokenBody(ValueError):
    """A body that holds no lines of events; the message says what to send."""


def lines_of_body(body: bytes, content_type: str, most: int) -> list[bytes]:
    """The lines of NDJSON or text, or the members of a JSON array, each as a line. Blank lines are left out.

    A single JSON object is one event. Raises BrokenBody for an empty body, a JSON array that cannot be read as a
    whole, and for more than `most` events.
    """
    if not isinstance(body, bytes) or not body.strip():
        raise BrokenBody("The body is empty. Send events: JSON lines, a JSON array, or lines of a known format.")
    is_json = content_type.partition(";")[0].strip() == "application/json"
    lines = _members(body) if is_json and body.lstrip()[:1] == b"[" else _split(body)
    if len(lines) > most:
        raise BrokenBody(f"The body holds {len(lines):,} events; at most {most:,} are taken at once. Split it.")
    return lines


def _split(body: bytes) -> list[bytes]:
    return [line.rstrip(b"\r") for line in body.split(b"\n") if line.strip()]


def _members(body: bytes) -> list[bytes]:
    try:
        members = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BrokenBody(
            f"The JSON array cannot be read ({error.msg}, at character {error.pos:,}). Correct it, or send JSON lines:"
            " there, a broken line does not stop the others."
        ) from error
    if not members:
        raise BrokenBody("The JSON array is empty. Send at least one event.")
    try:
        return [orjson.dumps(member) for member in members]
    except TypeError as error:  # deeper than what is written again, though not than what is read
        raise BrokenBody(
            "An event in the JSON array is nested too deeply. Send it flatter, or as JSON lines."
        ) from error
