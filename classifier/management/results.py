"""How many reports were answered."""

from dataclasses import dataclass


@dataclass
class Answered:
    """How many reports were read, and how many of them were answered by an error."""

    reports: int = 0
    errors: int = 0

    def add(self, reports: int, errors: int) -> None:
        self.reports += reports
        self.errors += errors
