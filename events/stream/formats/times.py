"""Times of events, as products write them, to seconds since 1970 (UTC)."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS, MICROSECONDS, NANOSECONDS = 1e11, 1e14, 1e17  # from these on, an epoch number is in that unit
BEYOND = 1e20
LONGEST = 40  # characters of any known spelling
MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
A_DAY, AN_HOUR = 86400.0, 3600.0
FARTHEST_ZONE = 14 * AN_HOUR  # east of Greenwich
LONGEST_MONTH = 31  # days
YEARS_BACK = 9  # between two 29ths of February there are up to eight years


def seconds(value: object) -> float | None:
    """ISO 8601 (UTC where no zone is given), epoch numbers in s, ms, us or ns by their size; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) > LONGEST:
            return None
        # Eight digits are a date, as ISO 8601 writes it without dashes.
        if len(text) != 8 and text[:1].isdigit() and text.isascii() and text.replace(".", "", 1).isdigit():
            return _epoch(float(text))
        return iso(text)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _epoch(float(value))
    return None


def iso(text: str) -> float | None:
    """Also with a trailing `UTC`, with slashes in the date, with a leap second, and as CEF spells dates."""
    try:
        return _since_epoch(datetime.fromisoformat(text))
    except ValueError:
        pass
    try:
        return _since_epoch(datetime.fromisoformat(_put_right(text)))
    except ValueError:
        return None


def without_year(month: int, day: int, clock: str, now: float) -> float | None:
    """RFC 3164's time, in the latest year in which its day had begun by `now` in some zone of the world."""
    midnight = _latest_midnight(month, day, int(now // AN_HOUR)) if day <= LONGEST_MONTH else None
    hours, _, rest = clock.partition(":")
    minutes, _, rest = rest.partition(":")
    if midnight is None or not (hours.isdecimal() and minutes.isdecimal() and rest[:2].isdecimal() and rest.isascii()):
        return None
    try:
        passed = int(hours) * 3600 + int(minutes) * 60 + float(rest)
    except ValueError:
        return None
    return midnight + passed if passed <= A_DAY else None


@lru_cache(maxsize=256)
def _latest_midnight(month: int, day: int, hour: int) -> float | None:
    """Of a day of the year, seen from an hour since 1970."""
    reached = (hour + 1) * AN_HOUR + FARTHEST_ZONE
    latest = datetime.fromtimestamp(reached, UTC).year
    for year in range(latest, latest - YEARS_BACK, -1):
        try:
            midnight = _since_epoch(datetime(year, month, day, tzinfo=UTC))
        except ValueError:  # the 29th of February
            continue
        if midnight <= reached:
            return midnight
    return None


def _epoch(number: float) -> float | None:
    if not 0.0 < number < BEYOND:
        return None
    if number < MILLISECONDS:
        return number
    return number / (1e3 if number < MICROSECONDS else 1e6 if number < NANOSECONDS else 1e9)


def _since_epoch(moment: datetime) -> float:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) / timedelta(seconds=1)


def _put_right(text: str) -> str:
    text = text.removesuffix(" UTC").removesuffix(" GMT")
    if text[:3] in MONTHS:
        month, day, year, clock = (*text.split(), "", "", "")[:4]
        return f"{year}-{MONTHS[text[:3]]:02}-{day:0>2}T{clock or '00:00:00'}" if month in MONTHS else text
    if text[4:5] == "/":
        text = text.replace("/", "-", 2)
    return text.replace(":60", ":59", 1) if text[16:19] == ":60" else text
