"""In which language and with which clock a person sees the site."""

import datetime as dt
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils import timezone

from incidents.models import User

LANGUAGES = dict(settings.LANGUAGES)
REGIONS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


def set_preferences(user: User, *, language: str, time_zone: str) -> None:
    """Empty: as the browser asks, and as the server's clock goes."""
    user.language, user.time_zone = language, time_zone
    user.save(update_fields=["language", "time_zone"])


def zone_of(name: str) -> dt.tzinfo:
    """The zone of that name; the server's for none, and for one that this machine does not know (any more)."""
    return ZoneInfo(name) if name in _zones() else timezone.get_default_timezone()


@lru_cache
def zones_by_region() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a choice: UTC, then the places of each region; old names of other kinds are left out."""
    places = sorted(name for name in _zones() if name.partition("/")[0] in REGIONS)
    regions = groupby(places, key=lambda name: name.partition("/")[0])
    named = [(region, [(name, _place(name)) for name in names]) for region, names in regions]
    return [("UTC", [("UTC", "UTC")]), *named]


@lru_cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # reads every file of the time zone database


def _place(name: str) -> str:
    return name.partition("/")[2].replace("_", " ")
