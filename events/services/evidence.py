"""What flagged events are given beside their score: look-ups, and the answer of the detection model."""

from collections.abc import Sequence

from classifier.models import ModelVersion
from events.models import Event, EventSource
from events.models.threat import DETECT
from events.services.answers import ask
from events.services.batch import Batch
from events.services.enrichment import enrich_events
from events.services.records import stored
from events.services.store import known
from events.stream.prompts import prompt_of, risk_band

Threat = Event.Threat
NO_TEMPLATE = 0  # of events without a message


def attach(source: EventSource, batch: Batch, flagged: Sequence[int]) -> None:
    """Look flagged events up and have them judged. Neither waits for anything that is not here."""
    ids = stored(source, [batch.arrivals[place].key.key for place in flagged], "id")
    rows = [Event(pk=ids[batch.arrivals[place].key.key]) for place in flagged]
    champion = ModelVersion.objects.champion(DETECT)
    found = enrich_events([batch.arrivals[place].reading.fields for place in flagged])
    for row, place, (state, data) in zip(rows, flagged, found, strict=True):
        row.enriched, row.enrichment = state, data
        row.threat = Threat.NO_MODEL if champion is None else Threat.ASKED
        row.answer_id = None if champion is None else _answer(champion, batch, place)
    Event.objects.bulk_update(rows, ["enriched", "enrichment", "threat", "answer"])


def _answer(champion: ModelVersion, batch: Batch, place: int) -> int:
    """The answer for the event's template and risk band: one that is there, or one that a worker will give."""
    reading = batch.arrivals[place].reading
    template_id = batch.aggregated.template_ids[place]
    band = risk_band(known(batch.judged.percentiles[place]))
    prompt = prompt_of(reading.fields, band)
    return ask(champion, NO_TEMPLATE if template_id is None else template_id, band, prompt).pk
