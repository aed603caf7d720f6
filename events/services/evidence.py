"""What flagged events are given beside their score: look-ups, and the answer of the detection model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from classifier.models import ModelVersion
from config.store import known
from events.models import Event
from events.models.threat import DETECT
from events.services.aggregation import Aggregated
from events.services.answers import ask
from events.services.arrivals import Arrival
from events.services.enrichment import enrich_events
from events.services.judging import Judged
from events.stream.prompts import prompt_of, risk_band

NO_TEMPLATE = 0  # of events without a message


@dataclass(frozen=True, slots=True)
class Evidence:
    """Columns of a flagged event's record."""

    threat: str
    answer_id: int | None
    enriched: str
    enrichment: dict[str, Any] | None


def evidence_of(arrivals: Sequence[Arrival], aggregated: Aggregated, judged: Judged) -> Mapping[int, Evidence]:
    """By place in the batch, for what is flagged. Waits for no model; a look-up has a fifth of a second."""
    flagged = judged.flagged
    if not flagged:
        return {}
    champion = ModelVersion.objects.champion(DETECT)
    found = enrich_events([arrivals[place].reading.fields for place in flagged])
    evidence = {}
    for place, (state, data) in zip(flagged, found, strict=True):
        if champion is None:
            evidence[place] = Evidence(Event.Threat.NO_MODEL, None, state, data)
            continue
        percentile = known(judged.percentiles[place])
        answer_id = _answer(champion, arrivals[place], aggregated.template_ids[place], percentile)
        evidence[place] = Evidence(Event.Threat.ASKED, answer_id, state, data)
    return evidence


def _answer(champion: ModelVersion, arrival: Arrival, template_id: int | None, percentile: float | None) -> int:
    """The answer for the event's template and risk band: one that is there, or one that a worker will give."""
    band = risk_band(percentile)
    prompt = prompt_of(arrival.reading.fields, band)
    return ask(champion, NO_TEMPLATE if template_id is None else template_id, band, prompt).pk
