"""What the page of a profile shows: fewer events than the command, and charts."""

from collections.abc import Sequence
from dataclasses import dataclass

from events.models import EventSource
from events.services.bars import Bars, bars
from events.services.profile import Profile, profile_source
from events.services.profile_fields import Bin, FieldProfile

EXAMINED = 5_000  # events: looked at within a second


@dataclass(frozen=True)
class FieldCard:
    """A field, with its quantiles as (name, text) and a chart of its numbers."""

    field: FieldProfile
    quantiles: Sequence[tuple[str, str]]
    chart: Bars | None


@dataclass(frozen=True)
class ProfilePage:
    profile: Profile
    fields: Sequence[FieldCard]


def profile_page(source: EventSource) -> ProfilePage:
    profile = profile_source(source, EXAMINED)
    return ProfilePage(profile, [_card(one) for one in profile.fields])


def _card(field: FieldProfile) -> FieldCard:
    quantiles = [(name, _text(value)) for name, value in field.quantiles.items()]
    if field.mean is not None:
        quantiles.append(("mean", _text(field.mean)))
    return FieldCard(field, quantiles, _chart(field.bins) if len(field.bins) > 1 else None)


def _chart(bins: Sequence[Bin]) -> Bars:
    return bars([one.events for one in bins], [f"{_text(one.low)} to {_text(one.high)}" for one in bins])


def _text(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 or abs(value) >= 1e15 else f"{value:,.0f}"
