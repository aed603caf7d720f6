"""The columns of exported events: the reference's, generalised to any source, then all else that a record holds.

The reference's columns keep their names and order. `user_id` is the entity's name; one column per numeric field of
the source; `log_text`; `anomaly` -1 for what stood above the threshold or was picked by a rule, 1 for what was judged
ordinary, empty for what was not judged; `anomaly_score` as the detector gave it, higher being more unusual (the
reference's decision_function runs the other way); `classification` in the words of the risk bands; `F_agg`, the
entity's recent mean of F before the event, is F less its feature `F:delta`, and empty for an entity without a past;
`count` is the entity's events up to and with this one; `threat_detection` is empty where no model answered.
All numbers are in raw units.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from config.cells import Cell
from events.models import Event, EventSource, FeatureSet
from events.stream.prompts import BANDS, MESSAGE_FIELDS, NORMAL, THREAT, risk_band

REFERENCE_FIELDS = (
    "login_attempts", "failed_login_attempts", "session_duration", "data_transferred", "access_sensitive_files",
)  # fmt: skip
JUDGED = ("anomaly", "anomaly_score", "anomaly_label", "classification")
FURTHER = (
    "source", "event", "event_id", "at", "received_at", "entity_kind", "problem", "decision", "filter", "percentile",
    "detector", "shadow_score", "detection", "threat", "threat_probability", "threat_model", "enriched", "enrichment",
    "fields",
)  # fmt: skip
BEFORE_FEATURES = 9  # of the further columns: what is told of an event before its features
OWN = frozenset({"user_id", "log_text", *JUDGED, "count", "threat_detection", *FURTHER})
VALUES = (
    "pk", "source__name", "given_id", "at", "received_at", "entity__kind", "entity__name", "fields", "problem",
    "feature_set_id", "features", "decision", "filter__name", "score", "percentile", "detector__name", "shadow_score",
    "threat", "answer__probability", "answer__version__name", "enriched", "enrichment", "detection_id",
)  # fmt: skip
LARGEST_WHOLE = 2**53  # beyond it, a float does not tell whole numbers apart

Flagged = (Event.Decision.ABOVE, Event.Decision.PICKED)


@dataclass(frozen=True)
class Columns:
    """`numbers` are the numeric fields, `features` those features that are no plain field."""

    numbers: Sequence[str]
    features: Sequence[str]

    @classmethod
    def of(cls, sources: Iterable[EventSource], sets: Iterable[FeatureSet]) -> "Columns":
        """What any of the sources has; the reference's five fields stand first, in its order."""
        found = dict.fromkeys(name for source in sources for name in source.numbers)
        first = [name for name in REFERENCE_FIELDS if name in found]
        names = dict.fromkeys(name for one in sets for name in one.names)
        return cls(list(dict.fromkeys([*first, *found])), [name for name in names if name not in found])

    @property
    def header(self) -> list[str]:
        return [
            *("user_id", *map(_named, self.numbers), "log_text", *JUDGED),
            *(*(f"{name}_agg" for name in self.numbers), "count", "threat_detection"),
            *(*FURTHER[:BEFORE_FEATURES], *map(_named, self.features), *FURTHER[BEFORE_FEATURES:]),
        ]

    def row(self, record: Mapping[str, Any], features: Mapping[str, float]) -> list[Cell]:
        """The cells of a record, which has the keys of VALUES; `features` by name."""
        events = _number(features.get("entity:events"))
        return [
            *(record["entity__name"], *(_number(features.get(name)) for name in self.numbers), _message(record)),
            *(_anomaly(record), record["score"], _label(record), _classification(record)),
            *(_mean_before(name, features, events) for name in self.numbers),
            *(None if events is None else int(events) + 1, _threat(record["answer__probability"])),
            *(record["source__name"], record["pk"], record["given_id"], _time(record["at"])),
            *(_time(record["received_at"]), record["entity__kind"], record["problem"], record["decision"]),
            *(record["filter__name"], *(_number(features.get(name)) for name in self.features)),
            *(record["percentile"], record["detector__name"], record["shadow_score"], record["detection_id"]),
            *(record["threat"], record["answer__probability"], record["answer__version__name"], record["enriched"]),
            *(_json(record["enrichment"]), _json(record["fields"])),
        ]


def _named(name: str) -> str:
    """A field that is called like a column of our own gets another name."""
    return f"field:{name}" if name in OWN else name


def _number(value: float | None) -> float | None:
    """Whole numbers without a point, as they came."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < LARGEST_WHOLE else value


def _message(record: Mapping[str, Any]) -> str:
    found = (record["fields"].get(name) for name in MESSAGE_FIELDS)
    return next((text for text in found if isinstance(text, str) and text), "")


def _anomaly(record: Mapping[str, Any]) -> int | None:
    if record["decision"] in Flagged:
        return -1
    return 1 if record["decision"] == Event.Decision.ORDINARY else None


def _label(record: Mapping[str, Any]) -> str:
    return {-1: "Anomaly", 1: "Normal", None: ""}[_anomaly(record)]


def _classification(record: Mapping[str, Any]) -> str:
    return "" if record["percentile"] is None else BANDS[risk_band(record["percentile"])].classification


def _mean_before(name: str, features: Mapping[str, float], events: float | None) -> float | None:
    value, delta = _number(features.get(name)), _number(features.get(f"{name}:delta"))
    return _number(float(value - delta)) if value is not None and delta is not None and events else None


def _threat(probability: float | None) -> str:
    if probability is None:
        return ""
    return THREAT if probability >= 0.5 else NORMAL


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def _json(value: Any) -> str:
    return "" if value is None else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
