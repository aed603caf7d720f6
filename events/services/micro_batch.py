"""One micro-batch: from readings to committed records, in the caller's transaction.

The order is fixed. Repeated events are told apart first. Aggregates are read before an event is added, and before any
filter: a filter leaves an event unscored, never uncounted. Only what is above the threshold or picked by a rule is
enriched, judged by T5 and folded into detections.
"""

from collections import Counter
from collections.abc import Sequence

from events.models import EventSource
from events.services import detections, minutes
from events.services.aggregation import aggregate
from events.services.arrivals import Arrival, Refused
from events.services.batch import Batch
from events.services.evidence import evidence_of
from events.services.filters import add_hits, rule_set
from events.services.judging import judge
from events.services.outcome import Outcome
from events.services.records import stored, write
from events.services.refusals import bury
from events.services.slots import feature_set_of

REUSED = "Its event id was used before, for an event with other content; give every event an id of its own."


def process(
    source: EventSource, arrivals: Sequence[Arrival], refused: Sequence[Refused], received: float, format: str
) -> Outcome:
    """Store what is new among `arrivals`, bury what is refused, with all that follows. Call it inside a transaction.

    `received` is seconds since 1970, `format` what the lines were read as; `widen` has been called for the readings.
    Raises Raced.
    """
    outcome = Outcome(received=len(arrivals) + len(refused))
    new, reused = _new(source, arrivals)
    buried = [*refused, *reused]
    outcome.refused = len(buried)
    outcome.duplicates = len(arrivals) - len(new) - len(reused)
    if buried:
        bury(source, buried, received, format)
    if not new:
        minutes.add(source, outcome, received)
        return outcome
    batch = _judged(source, new, received)
    write(source, batch, received)
    _count(outcome, batch, received)
    if flagged := batch.judged.flagged:
        outcome.detections = detections.fold(source, batch, flagged)
    minutes.add(source, outcome, received, batch.judged)
    add_hits(Counter(match.id for match in batch.matches if match), received)  # last: others wait for these rows
    return outcome


def _judged(source: EventSource, new: Sequence[Arrival], received: float) -> Batch:
    names, aggregated = feature_set_of(source), aggregate(source, new, received)
    rules = rule_set()
    matches = [rules.first(one.reading.fields, source.name) for one in new]
    judged = judge(source, names, aggregated.rows, matches)
    return Batch(new, matches, names, aggregated, judged, evidence_of(new, aggregated, judged))


def _count(outcome: Outcome, batch: Batch, received: float) -> None:
    outcome.stored = len(batch.arrivals)
    outcome.scored = int(batch.judged.scored.sum())
    outcome.above = len(batch.judged.flagged)
    outcome.dropped = sum(one in {"filtered", "suppressed"} for one in batch.judged.decisions)
    outcome.lag = max(0.0, *(received - one.at for one in batch.arrivals))


def _new(source: EventSource, arrivals: Sequence[Arrival]) -> tuple[list[Arrival], list[Refused]]:
    """Those that are not stored yet, each once; and those whose id has come before with other content."""
    if not arrivals:
        return [], []
    known = stored(source, [one.key.key for one in arrivals], "content")
    new, reused = [], []
    for one in arrivals:
        content = known.get(one.key.key)
        if content is None:
            known[one.key.key] = one.key.content
            new.append(one)
        elif content != one.key.content:
            reused.append(Refused(one.line, REUSED))
    return new, reused
