"""Slot values that are made up rather than listed: amounts, dates, numbers, addresses.

Nothing here can belong to anyone: phone numbers use +91 00000 and the fictional 555-01xx range, addresses the
reserved `.example` and `example.com` names (RFC 2606).
"""

from collections.abc import Callable
from random import Random

_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")
_NICKS = ("raj", "sona", "kingx", "trusted", "official", "helpdesk", "smarty", "desi", "star", "queen", "boss", "care")
_HOSTS = ("secure-kyc", "refund-desk", "my-rewards", "login-verify", "parcel-track", "bonus-now", "e-office-portal")


def amount(rng: Random, abroad: bool) -> str:
    """Between about 500 and 900,000, log-uniform: most losses are small, a few are ruinous."""
    value = int(500 * 10 ** rng.uniform(0, 3.25))
    value = round(value, -2) if rng.random() < 0.6 else value
    return _money(rng, max(value // 20, 30) if abroad else value, abroad)


def small(rng: Random, abroad: bool) -> str:
    return _money(rng, rng.randint(5, 40) if abroad else rng.choice((49, 99, 199, 210, 499, 850)), abroad)


def _money(rng: Random, value: int, abroad: bool) -> str:
    if abroad:
        return rng.choice((f"USD {value}", f"EUR {value:,}", f"{value} dollars", f"{value} euro", f"$ {value:,}"))
    if value >= 100_000 and rng.random() < 0.4:
        return f"{value / 100_000:.1f} lakh"
    return rng.choice(
        (f"Rs {_lakhs(value)}", f"Rs. {_lakhs(value)}/-", f"INR {value}", f"{value} rupees", f"{value}/-", f"Rs{value}")
    )


def _lakhs(value: int) -> str:
    """Indian grouping: 1,20,000."""
    if value < 1000:
        return str(value)
    head, tail = divmod(value, 1000)
    return f"{head // 100},{head % 100:02d},{tail:03d}" if head >= 100 else f"{head},{tail:03d}"


def date(rng: Random, _abroad: bool) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.choice((2023, 2024, 2025))
    name = _MONTHS[month - 1]
    return rng.choice(
        (
            f"{day}/{month}/{year}",
            f"{day:02d}-{month:02d}-{year}",
            f"{day} {name}",
            f"{name} {day}",
            f"{day} {name[:3]}",
        )
    )


def time(rng: Random, _abroad: bool) -> str:
    hour, minute = rng.randint(1, 12), rng.choice((0, 10, 15, 20, 30, 40, 45, 50))
    return f"{hour}:{minute:02d} {rng.choice(('am', 'pm', 'AM', 'PM'))}"


def phone(rng: Random, abroad: bool) -> str:
    return f"+1 202 555 01{rng.randint(0, 99):02d}" if abroad else f"+91 00000 {rng.randint(0, 99_999):05d}"


def upi(rng: Random, abroad: bool) -> str:
    handle = f"{rng.choice(_NICKS)}{rng.randint(1, 999)}"
    return f"account {handle}" if abroad else f"{handle}@{rng.choice(('examplebank', 'okexample', 'exampleupi'))}"


def email(rng: Random, _abroad: bool) -> str:
    host = rng.choice(("example.com", "mail.example", "example.org", f"{rng.choice(_HOSTS)}.example"))
    return f"{rng.choice(_NICKS)}.{rng.choice(_NICKS)}{rng.randint(1, 99)}@{host}"


def url(rng: Random, _abroad: bool) -> str:
    return f"{rng.choice(('http://', 'https://', 'www.'))}{rng.choice(_HOSTS)}{rng.randint(1, 99)}.example"


def txn(rng: Random, _abroad: bool) -> str:
    return f"{rng.choice(('TXN', 'REF', 'T', 'CR'))}000{rng.randint(0, 9_999_999):07d}"


def handle(rng: Random, _abroad: bool) -> str:
    return f"@{rng.choice(_NICKS)}_{rng.choice(_NICKS)}{rng.randint(1, 99)}"


def month(rng: Random, _abroad: bool) -> str:
    return rng.choice(_MONTHS)


def count(rng: Random, _abroad: bool) -> str:
    return rng.choice(("two", "three", "four", "3", "4", "5", "several"))


def days(rng: Random, _abroad: bool) -> str:
    return str(rng.randint(2, 9))


MADE_UP: dict[str, Callable[[Random, bool], str]] = {
    maker.__name__: maker
    for maker in (amount, small, date, time, phone, upi, email, url, txn, handle, month, count, days)
}
