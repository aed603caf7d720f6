"""The filters that ship: rules as data, and how they become Sigma. No models, so that migrations can use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PHRASES = Path(__file__).parent / "not_a_threat.txt"
REASON = "One of the fourteen phrases that the reference calls no threat; it ships with the product."

# The whole message has to be the phrase: whoever puts it into a longer one is seen. And an event that says itself that
# logins failed before, or that sensitive files were read, is scored, whatever its message.
RULE = """\
title: 'Not a threat: {phrase}'
description: The whole message is this phrase, and no number beside it tells another story.
logsource:
  product: caseloop
detection:
  phrase:
    message:
      - {phrase}
      - {phrase}.
  telling:
    - failed_login_attempts|gte: 3
    - access_sensitive_files: 1
  condition: phrase and not telling
"""


@dataclass(frozen=True)
class DefaultFilter:
    name: str
    sigma: str


def default_filters() -> Iterator[DefaultFilter]:
    """In the order in which they are asked."""
    for phrase in PHRASES.read_text(encoding="utf-8").splitlines():
        yield DefaultFilter(f"Not a threat: {phrase}", RULE.format(phrase=phrase))
