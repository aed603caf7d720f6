"""Looking events up: plug-ins with a cache, a time limit and a visible failure; none of them can hold up detection."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any

from events.stream.answer_cache import Answer
from events.stream.enrichment_plug import LookupFailed, Plug

DONE, FAILED, NOTHING = "done", "failed", ""
TIME = 0.2  # seconds that all look-ups of an event may take together
LONGEST_VALUE = 1_000  # characters; nothing that long stands in a list


@dataclass(frozen=True)
class Enrichment:
    """What look-ups gave: `data` by plug-in; `failures` says of a plug-in why it has nothing to say."""

    state: str
    data: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def enrich(fields: Mapping[str, Any], plugs: Sequence[Plug], seconds: float = TIME) -> Enrichment:
    """Look an event's fields up in all plug-ins at once. Never raises, and takes no longer than `seconds`."""
    asked: dict[str, tuple[Plug, Future[Answer]]] = {}
    for plug in plugs:
        value = _text(fields.get(plug.enricher.field))
        if value:
            asked[plug.enricher.name] = plug, plug.ask(value)
    wait([future for _, future in asked.values()], timeout=seconds)
    data, failures = {}, {}
    for name, (plug, future) in asked.items():
        try:
            if found := plug.result(future):
                data[name] = dict(found)
        except LookupFailed as error:
            failures[name] = str(error)
    return Enrichment(FAILED if failures else DONE if data else NOTHING, data, failures)


def _text(value: Any) -> str:
    """A field's value as it is looked up; "" for what is no single value."""
    text = "" if value is None or isinstance(value, dict | list) else str(value)
    return text if len(text) <= LONGEST_VALUE else ""
