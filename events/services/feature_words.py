"""Features in words: what an event was like against its entity's past, for people who read no vectors."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.models import Event

NOTABLE_Z = 3.0  # standard deviations
NOTABLE_RARITY = 7.0  # -log2 of the share: seen in one of 128 events, or in fewer
SHOWN = 3
SHOWN_FIELDS = 8

_ENTITY = {
    "entity:events": _("events of this entity before"),
    "entity:rate": _("events an hour, lately"),
    "entity:last_5_min": _("events in the last 5 minutes"),
    "entity:last_60_min": _("events in the last 60 minutes"),
    "message:length": _("characters of the message"),
    "message:digits": _("share of digits in the message"),
}


@dataclass(frozen=True)
class Feature:
    """`words` says what the value means; `weight` how unusual it is, 0 for what is not."""

    name: str
    value: float | None
    words: str
    weight: float


def features_of(event: Event) -> list[Feature]:
    """Every feature of a record, in the order of its feature set. Needs `feature_set`; no query."""
    return [_feature(name, value) for name, value in zip(event.feature_set.names, event.values.tolist(), strict=False)]


def notable(event: Event) -> list[str]:
    """What is unusual about an event, the most unusual first; empty where nothing is."""
    unusual = [feature for feature in features_of(event) if feature.weight]
    return [feature.words for feature in sorted(unusual, key=lambda one: -one.weight)[:SHOWN]]


def summary(event: Event) -> str:
    """The event in one line: its message, else its first fields."""
    message = event.fields.get("message")
    if isinstance(message, str) and message.strip():
        return message
    return ", ".join(f"{name} {value}" for name, value in _plain(event.fields.items()))


def _plain(fields: Iterable[tuple[str, object]]) -> Sequence[tuple[str, object]]:
    plain = [(name, value) for name, value in fields if isinstance(value, str | int | float)]
    return [one for one in plain if one[0] != "@timestamp"][:SHOWN_FIELDS]


def _feature(name: str, value: float) -> Feature:
    if not math.isfinite(value):
        return Feature(name, None, gettext("this event has none"), 0.0)
    field, _, aspect = name.rpartition(":")
    if name in _ENTITY:
        return Feature(name, value, str(_ENTITY[name]), 0.0)
    if aspect == "z":
        return Feature(name, value, _deviation(field, value), abs(value) if abs(value) >= NOTABLE_Z else 0.0)
    if aspect == "delta":
        return Feature(name, value, gettext("%(side)s this entity's recent mean") % {"side": _side(value)}, 0.0)
    if aspect == "rarity":
        weight = value - NOTABLE_RARITY + NOTABLE_Z if value >= NOTABLE_RARITY else 0.0
        return Feature(name, value, _rarity(field, value), weight)
    if aspect == "new_for_entity":
        return Feature(name, value, *_novelty(field, value))
    return Feature(name, value, gettext("as received"), 0.0)


def _deviation(field: str, z: float) -> str:
    if abs(z) < 0.05:
        return gettext("as in this entity's past, or without a past")
    much = gettext("10 or more") if abs(z) >= 10 else f"{abs(z):.1f}"
    words = gettext("%(field)s %(much)s standard deviations %(side)s its past")
    return words % {"field": field, "much": much, "side": _side(z)}


def _side(difference: float) -> str:
    if difference == 0:
        return gettext("exactly at")
    return gettext("above") if difference > 0 else gettext("below")


def _rarity(field: str, value: float) -> str:
    one_of = round(2**value)
    if one_of <= 1:
        return gettext("as in nearly every event")
    return gettext("%(field)s seen in one of %(one_of)s events") % {"field": _named(field), "one_of": f"{one_of:,}"}


def _novelty(field: str, value: float) -> tuple[str, float]:
    if value > 0:
        return gettext("%(field)s new for this entity") % {"field": _named(field)}, NOTABLE_Z
    return gettext("this entity has had it before"), 0.0


def _named(field: str) -> str:
    return gettext("log template") if field == "template" else field
