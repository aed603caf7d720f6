"""What each minute of a source was like, added to in the transaction of the micro-batch."""

import numpy as np

from config.store import Insert, moment
from events.models import EventSource, SourceMinute
from events.services.judging import Judged
from events.services.outcome import Outcome

_COUNTED = ("received", "duplicates", "refused", "dropped", "scored", "above", "detections", "score_sum")
_MINUTES = Insert(
    SourceMinute,
    ("source_id", "minute", *_COUNTED, "score_max", "lag_max", "threshold"),
    "ON CONFLICT (source_id, minute) DO UPDATE SET "  # nosec B608 # names of our own tables and columns, values are bound
    + ", ".join(f"{column} = {{t}}.{column} + excluded.{column}" for column in _COUNTED)
    + ", score_max = {greatest}({t}.score_max, excluded.score_max),"
    " lag_max = {greatest}({t}.lag_max, excluded.lag_max),"
    " threshold = coalesce(excluded.threshold, {t}.threshold)",
)


def add(source: EventSource, outcome: Outcome, received: float, judged: Judged | None = None) -> None:
    """Add a micro-batch to the minute in which it was received."""
    scores = judged.scores[judged.scored] if judged is not None else np.zeros(0)
    counts = (
        *(outcome.received, outcome.duplicates, outcome.refused, outcome.dropped, outcome.scored, outcome.above),
        outcome.detections,
    )
    highest = float(scores.max()) if len(scores) else 0.0
    threshold = judged.serving.threshold if judged is not None else None
    minute = moment(received - received % 60)
    _MINUTES.run([(source.pk, minute, *counts, float(scores.sum()), highest, outcome.lag, threshold)])
