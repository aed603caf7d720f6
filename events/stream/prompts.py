"""What the detection model reads of an event: the reference's training format, for training and judging alike.

The entry is one line whatever the event says, so that no message can add a line of its own to the prompt.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classifier.ml.personal import mask
from classifier.ml.taxonomy import LabelPath

THREAT, NORMAL = "Threat", "Normal"  # the completions
PATHS = (LabelPath.of([THREAT]), LabelPath.of([NORMAL]))  # the only labels of the detection model
LONGEST_ENTRY = 1000  # characters; what decides stands near the beginning of a log line
MOST_FIELDS = 24  # of an event without a message
DIGITS = 2  # that count of a number among such fields, so that one answer serves events that are nearly alike
LARGEST = 1e15  # a larger number is an id, or none
NOT_TOLD = frozenset({"@timestamp", "event.id"})  # differs from event to event and tells nothing
# Where the words of an event are told from, the first that it has. From its fields alone, so that a stored event
# is learnt from in the very words that it was judged by.
MESSAGE_FIELDS = (
    "message", "event.original", "rule.name", "process.command_line", "dns.question.name", "url.original",
    "tls.client.server_name",
)  # fmt: skip
QUESTION = "Is this a threat?"

_BLANKS = re.compile(r"\s+")
_PARTS = re.compile(r"\ALog entry: (?P<entry>.*?)(?P<rest>\nClassification: .*|\nIs this a threat\?.*|)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Band:
    """How unusual an event is: from which percentile of recent scores on, and what the prompt says of all of them."""

    percentile: float
    classification: str
    score: float


BANDS = (
    Band(-math.inf, "unremarkable", 0.5),  # a rule picked it, or the source's budget is a large one
    Band(99.0, "unusual", 0.7),
    Band(99.7, "suspicious", 0.9),
    Band(99.95, "extreme", 1.0),
)


def risk_band(percentile: float | None) -> int:
    """0 to 3, by the share of recent scores below the event's; 0 where that is not known."""
    if percentile is None or math.isnan(percentile):
        return 0
    return sum(percentile >= band.percentile for band in BANDS) - 1


def prompt_of(fields: Mapping[str, Any], band: int) -> str:
    """The prompt for an event of that risk band; told by all its fields where none of them is a message.

    Without personal data: no model learns an address or a number, and none can repeat it.
    """
    messages = (_one_line(value) for name in MESSAGE_FIELDS if isinstance(value := fields.get(name), str))
    entry = next(filter(None, messages), "") or _told(fields)
    return prompt(mask(entry), BANDS[band].classification, BANDS[band].score)


def prompt(entry: str, classification: str, score: float) -> str:
    """
    >>> prompt("Suspicious login attempt", "suspicious", 0.9)
    'Log entry: Suspicious login attempt\\nClassification: suspicious\\nAnomaly score: 0.9\\nIs this a threat?'
    """
    return f"Log entry: {entry}\nClassification: {classification}\nAnomaly score: {score}\n{QUESTION}"


def entry_and_rest(text: str) -> tuple[str, str]:
    """The log entry of a prompt, and what follows it; a text in no such format is all entry.

    >>> entry_and_rest("Log entry: disk full\\nClassification: normal\\nIs this a threat?")
    ('disk full', '\\nClassification: normal\\nIs this a threat?')
    """
    found = _PARTS.match(text)
    return (found["entry"], found["rest"]) if found else (text, "")


def with_entry(text: str, entry: str) -> str:
    """The prompt with another log entry in place of its own."""
    found = _PARTS.match(text)
    return text[: found.start("entry")] + entry + found["rest"] if found else entry


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text[: 2 * LONGEST_ENTRY]).strip()[:LONGEST_ENTRY]


def _told(fields: Mapping[str, Any]) -> str:
    names = sorted(name for name in fields if name not in NOT_TOLD)[:MOST_FIELDS]
    return _one_line(", ".join(f"{name}={_value(fields[name])}" for name in names))


def _value(value: Any) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < LARGEST:
        rounded = float(f"{value:.{DIGITS}g}")
        return f"{rounded:.0f}" if rounded.is_integer() else f"{rounded:g}"
    return str(value)
