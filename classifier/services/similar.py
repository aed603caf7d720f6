"""The reports most like one, by the vectors that the workers stored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.models import AnomalySet, Embedding, ModelVersion
from classifier.services.vectors import Neighbours, nearest_texts
from incidents.models import Incident, Path, User

SHOWN = 3
FIRST_LOOK = 16  # neighbours looked at; more only while too few of them may be shown


@dataclass(frozen=True)
class SimilarReport:
    """A report, the cosine of its text's vector, and what people decided (nothing yet: no paths)."""

    incident: Incident
    similarity: float

    @property
    def decided(self) -> Sequence[Path]:
        label = self.incident.current_label
        return list(label.paths.all()) if label else []


def similar_reports(incident: Incident, user: User, count: int = SHOWN) -> list[SimilarReport] | None:
    """The most similar reports that the person may see, by their current texts; None while there is no vector yet."""
    own = _own_vector(incident)
    if own is None:
        return None
    query = np.frombuffer(bytes(own.vector), np.float16).astype(np.float32)
    looked_at = FIRST_LOOK
    while True:
        neighbours = nearest_texts(own.encoder_hash, query, looked_at)
        found = _visible(neighbours, incident, user)
        if len(found) >= count or len(neighbours) < looked_at:
            return found[:count]
        looked_at *= 8


def _own_vector(incident: Incident) -> Embedding | None:
    """In the space that serves: until a new champion's set is complete, the old one; else the champion's."""
    serving = AnomalySet.objects.filter(status=AnomalySet.Status.SERVING).values_list("encoder_hash", flat=True)
    champion = ModelVersion.objects.champion()
    for encoder_hash in [*serving, *([champion.encoder_hash] if champion else [])]:
        rows = Embedding.objects.filter(text_revision=incident.current_text_id, encoder_hash=encoder_hash)
        if (own := rows.first()) is not None:
            return own
    return None


def _visible(neighbours: Neighbours, incident: Incident, user: User) -> list[SimilarReport]:
    seen = Incident.objects.visible_to(user).exclude(pk=incident.pk).with_decided_paths().select_related("current_text")
    by_text = {one.current_text_id: one for one in seen.filter(current_text__in=[text for text, _ in neighbours])}
    return [SimilarReport(by_text[text], cosine) for text, cosine in neighbours if text in by_text]
