"""What came of a number of lines."""

from dataclasses import dataclass, fields


@dataclass
class Outcome:
    """Numbers of lines; every received one is stored, a duplicate or refused. `lag` is the longest, in seconds."""

    received: int = 0
    stored: int = 0
    duplicates: int = 0
    refused: int = 0
    dropped: int = 0
    scored: int = 0
    above: int = 0
    detections: int = 0
    lag: float = 0.0

    def add(self, other: "Outcome") -> None:
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, max(mine, theirs) if one.name == "lag" else mine + theirs)
