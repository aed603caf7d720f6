"""Where a report stands in the review queue."""

import random
from dataclasses import dataclass

from incidents import policy


@dataclass(frozen=True)
class Priorities:
    """Uncertainty plus weighted anomaly, 0 to 1 + weight; a random share of reports is ranked by chance instead."""

    anomaly_weight: float
    random_share: float

    @classmethod
    def in_force(cls) -> "Priorities":
        return cls(policy.value("anomaly_review_weight"), policy.value("random_review_share"))

    def of(self, incident_id: int, confidence: float, anomaly: float | None, *, blind: bool = False) -> float:
        """Chance is drawn from the report's number, so a second prediction does not reshuffle the queue.

        A blind report is always ranked by chance: its place must not depend on what is audited.
        """
        chance = random.Random(incident_id)  # noqa: S311 - a draw, no secret
        if chance.random() < self.random_share or blind:
            return chance.uniform(0.0, 1.0 + self.anomaly_weight)
        return 1.0 - confidence + self.anomaly_weight * (anomaly or 0.0) / 100.0
