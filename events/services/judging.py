"""What the detector in charge, filters and rules say of a micro-batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.models import Event, EventSource, FeatureSet, Filter
from events.services.detectors import Serving, serving
from events.stream.rules import Entry

Decision = Event.Decision
DROPS = {Filter.Kind.FILTER.value: Decision.FILTERED.value, Filter.Kind.SUPPRESSION.value: Decision.SUPPRESSED.value}


@dataclass(frozen=True)
class Judged:
    """Per event, in order. Scores are NaN where nothing was scored; `flagged` marks what is above or picked."""

    decisions: Sequence[str]
    scores: NDArray[np.float64]
    percentiles: NDArray[np.float64]
    shadow_scores: NDArray[np.float64]
    serving: Serving

    @property
    def scored(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.scores)

    @property
    def flagged(self) -> list[int]:
        return [i for i, one in enumerate(self.decisions) if one in {Decision.ABOVE, Decision.PICKED}]


def judge(source: EventSource, names: FeatureSet, rows: NDArray[np.float64], matches: Sequence[Entry | None]) -> Judged:
    """Decide over (N, F) features; `matches` holds the filter or rule that each event met first."""
    state = serving(source)
    decisions: list[str] = [DROPS.get(match.kind, "") if match else "" for match in matches]
    places = np.array([i for i, decision in enumerate(decisions) if not decision], dtype=np.intp)
    scores, percentiles, shadow = (np.full(len(rows), np.nan) for _ in range(3))
    if len(places) and state.detector is not None:
        own = state.detector.align(names.names)(rows[places])
        scores[places] = state.detector.score(own)
        percentiles[places] = state.detector.percentiles(scores[places])
        if state.shadow is not None:
            shadow[places] = state.shadow.score(state.shadow.align(names.names)(rows[places]))
    threshold = np.inf if state.threshold is None else state.threshold
    for i in places:
        if matches[i] is not None:
            decisions[i] = Decision.PICKED
        elif np.isnan(scores[i]):
            decisions[i] = Decision.UNSCORED
        else:
            decisions[i] = Decision.ABOVE if scores[i] > threshold else Decision.ORDINARY
    return Judged(decisions, scores, percentiles, shadow, state)
