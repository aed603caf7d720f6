"""The new events of a micro-batch with all that is known of them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.models import FeatureSet
from events.services.aggregation import Aggregated
from events.services.arrivals import Arrival
from events.services.evidence import Evidence
from events.services.judging import Judged
from events.stream.detector import Deviation
from events.stream.rules import Entry

TOLD = 3  # deviations that an explanation names


@dataclass(frozen=True)
class Batch:
    """Per event and in order: the event, the filter or rule that it met, features and aggregates, the judgement.

    `evidence` holds what flagged events have beside that, by their place.
    """

    arrivals: Sequence[Arrival]
    matches: Sequence[Entry | None]
    names: FeatureSet
    aggregated: Aggregated
    judged: Judged
    evidence: Mapping[int, Evidence]

    def time(self, place: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.arrivals[place].at, dt.UTC)

    def deviations(self, place: int) -> Sequence[Deviation]:
        """What is unusual about an event, the most unusual first; nothing without a detector."""
        detector = self.judged.serving.detector
        if detector is None:
            return []
        row = detector.align(self.names.names)(self.aggregated.rows[place : place + 1])[0]
        return detector.explain(row, self.aggregated.entity_kind(place))

    def sentences(self, place: int) -> list[str]:
        return [one.sentence for one in self.deviations(place)[:TOLD]]
