"""What is left to chance: which reports are reviewed blind, which decisions get a second opinion, and when."""

import secrets

_CHANCE = secrets.SystemRandom()  # nobody can tell from a report's number whether it was drawn


def by_chance(share: float) -> bool:
    """True in this share of calls."""
    return _CHANCE.random() < share
