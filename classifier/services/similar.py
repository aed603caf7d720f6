"""The reports most like one, by the vectors that the workers stored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_noop

from classifier.models import AnomalySet, Embedding, ModelVersion, Prediction
from classifier.services.vectors import Neighbours, nearest_texts
from incidents.models import Incident, Label, Path, SecondOpinion, User

SHOWN = 3
UNREAD = gettext_noop("No model has read this report's text yet.")
NO_VECTOR = gettext_noop(
    "This report cannot be compared: after a promotion only the latest reports get vectors of the new model. "
    "Have it classified again to compare it."
)
FIRST_LOOK = 16  # neighbours looked at; more only while too few of them may be shown
FARTHEST_LOOK = FIRST_LOOK * 8 * 8  # what is less alike than these says little of how to decide
DECIDING = (Label.Verdict.CONFIRM, Label.Verdict.CORRECT, Label.Verdict.REJECT)


@dataclass(frozen=True)
class SimilarReport:
    """A report, the cosine of its text's vector, and what people decided (nothing yet: no paths)."""

    incident: Incident
    similarity: float

    @property
    def decided(self) -> Sequence[Path]:
        label = self.incident.current_label
        return label.present_paths if label else []


def similar_reports(
    incident: Incident, user: User, count: int = SHOWN, *, decided: bool = False
) -> list[SimilarReport] | None:
    """The most similar reports that the person may see, by their current texts; None without a vector (`lack`).

    `decided`: only those that people have labelled or rejected, among the `FARTHEST_LOOK` nearest.
    """
    own = _own_vector(incident)
    if own is None:
        return None
    query = np.frombuffer(bytes(own.vector), np.float16).astype(np.float32)
    looked_at = FIRST_LOOK
    while True:
        neighbours = nearest_texts(own.encoder_hash, query, looked_at)
        found = _visible(neighbours, own, user, decided=decided)
        if len(found) >= count or len(neighbours) < looked_at or (decided and looked_at >= FARTHEST_LOOK):
            return _with_reports(found[:count], user)
        looked_at *= 8


def cosine_of(incident: Incident, other: Incident) -> float | None:
    """How alike two reports' texts are to the encoder; None where either has no vector of it."""
    own = _own_vector(incident)
    if own is None:
        return None
    theirs = Embedding.objects.filter(text_revision=other.current_text_id, encoder_hash=own.encoder_hash).first()
    if theirs is None:
        return None
    first, second = (np.frombuffer(bytes(one.vector), np.float16).astype(np.float32) for one in (own, theirs))
    return float(first @ second)


def lack(incident: Incident) -> str:
    """Why `similar_reports` has nothing to say, to be translated where it is shown."""
    read = Prediction.objects.filter(incident=incident, text_revision=incident.current_text_id).exists()
    return NO_VECTOR if read else UNREAD


def serving_encoders() -> list[str]:
    """In whose spaces reports are compared: the old one until a new champion's set is complete, then that."""
    serving = AnomalySet.objects.filter(status=AnomalySet.Status.SERVING).values_list("encoder_hash", flat=True)
    champion = ModelVersion.objects.champion()
    return [*serving, *([champion.encoder_hash] if champion else [])]


def _own_vector(incident: Incident) -> Embedding | None:
    for encoder_hash in serving_encoders():
        rows = Embedding.objects.filter(text_revision=incident.current_text_id, encoder_hash=encoder_hash)
        if (own := rows.first()) is not None:
            return own
    return None


def _visible(neighbours: Neighbours, own: Embedding, user: User, *, decided: bool) -> Neighbours:
    """Of those whose vectors are still stored: memory may hold erased ones for a while."""
    seen = Incident.objects.visible_to(user).exclude(pk=own.incident_id)
    if decided:  # as this person sees it
        held = SecondOpinion.objects.reports_held_by(user)
        seen = seen.filter(current_label__verdict__in=DECIDING).exclude(pk__in=held)
    stored = Embedding.objects.filter(encoder_hash=own.encoder_hash, text_revision__in=[text for text, _ in neighbours])
    present = set(seen.filter(current_text__in=stored.values("text_revision")).values_list("current_text", flat=True))
    return [(text, cosine) for text, cosine in neighbours if text in present]


def _with_reports(neighbours: Neighbours, user: User) -> list[SimilarReport]:
    chosen = Incident.objects.filter(current_text__in=[text for text, _ in neighbours])
    rows = SecondOpinion.objects.disguise(chosen.with_decided_paths().select_related("current_text"), user)
    by_text = {one.current_text_id: one for one in rows}
    return [SimilarReport(by_text[text], cosine) for text, cosine in neighbours if text in by_text]
