"""What is found: a kind and a place, never the value."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a finding is. `token` stands in its place in a masked text."""

    EMAIL = "email"
    UPI = "upi"
    IP = "ip"
    IBAN = "iban"
    CARD = "card"
    NATIONAL_ID = "national_id"
    ACCOUNT = "account"
    PHONE = "phone"

    @property
    def token(self) -> str:
        """Fixed, so that nothing of the value is left, and without a blank, so that it stays one word."""
        return f"[{self.name.replace('_', '-')}]"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`start` and `end` are places in the text as it was written, counted in characters."""

    start: int
    end: int
    kind: Kind
