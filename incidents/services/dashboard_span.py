"""The days that the dashboard looks at, cut into slots: days, weeks or months by the clock of who looks."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.formats import date_format

LONGEST = 5 * 366  # days
MOST_DAYS, MOST_WEEKS = 92, 106 * 7  # up to which a slot is a day, and a week
DAY = dt.timedelta(days=1)

Cut = Callable[[dt.date], dt.date]


@dataclass(frozen=True)
class Slot:
    """From `since` on and before `until`; `first` is its first day there."""

    first: dt.date
    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True)
class Span:
    """Whole days, both included, in the time zone that is active when it is made."""

    first: dt.date
    last: dt.date

    @classmethod
    def of_days(cls, days: int) -> "Span":
        """The last `days` days, today included."""
        today = timezone.localdate()
        return cls(today - (days - 1) * DAY, today)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def step(self) -> str:
        """`day`, `week` or `month`: what a slot is."""
        if self.days <= MOST_DAYS:
            return "day"
        return "week" if self.days <= MOST_WEEKS else "month"

    @cached_property
    def slots(self) -> list[Slot]:
        """At most about a hundred; the first and the last may be cut short."""
        starts = list(self._starts())
        ends = [*starts[1:], self.last + DAY]
        return [Slot(start, _midnight(start), _midnight(end)) for start, end in zip(starts, ends, strict=True)]

    @property
    def since(self) -> dt.datetime:
        return self.slots[0].since

    @property
    def until(self) -> dt.datetime:
        return self.slots[-1].until

    @cached_property
    def names(self) -> list[str]:
        """What each slot is called on a page: its month, or its first day."""
        form = "M Y" if self.step == "month" else "j M" if self.first.year == self.last.year else "j M Y"
        return [date_format(slot.first, form) for slot in self.slots]

    def _starts(self) -> Iterator[dt.date]:
        following = _FOLLOWING[self.step]
        day = self.first
        while day <= self.last:
            yield day
            day = following(day)


def _midnight(day: dt.date) -> dt.datetime:
    """Where the day begins; days that a clock change makes shorter or longer keep their own length."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + 32 * DAY).replace(day=1)


_FOLLOWING: dict[str, Cut] = {
    "day": lambda day: day + DAY,
    "week": lambda day: day + (7 - day.weekday()) * DAY,  # weeks begin on Mondays
    "month": _next_month,
}
