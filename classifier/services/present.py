"""Predictions read in the taxonomy of today. Rows are never rewritten: this happens in memory, wherever one is read."""

from collections.abc import Iterable

import numpy as np

from classifier.ml.taxonomy_map import Reading, Today, carried_over, decided_today, read_today
from classifier.models import Prediction
from incidents.models import Path, TaxonomyStep


def say_today(predictions: Iterable[Prediction], reading: Reading | None = None) -> None:
    """Let predictions say what they say in the taxonomy of today: numbers of paths, and how sure they are of them.

    One query, and one more for each earlier taxonomy version whose steps matter. Needs `version.snapshot`.
    """
    waiting = [one for one in predictions if one.today is None]
    if not waiting:
        return
    reading, earlier = reading or Path.objects.reading(), dict[int, Reading]()
    for one in waiting:
        if reading.map_of(one.version.snapshot.path_ids) is None:
            one.today = Today(one.version.snapshot.path_ids, _own(one))
            continue
        if one.taxonomy_version_id not in earlier:
            earlier[one.taxonomy_version_id] = reading_at(one.taxonomy_version_id)
        _translate(one, earlier[one.taxonomy_version_id], reading)


def reading_at(taxonomy_version: int) -> Reading:
    """How paths read when that was the present version."""
    return TaxonomyStep.objects.filter(version__pk__lte=taxonomy_version).reading()


def _own(prediction: Prediction) -> np.ndarray:
    return np.frombuffer(bytes(prediction.distribution), dtype=np.float16).astype(float)


def _translate(prediction: Prediction, then: Reading, now: Reading) -> None:
    order, own = prediction.version.snapshot.path_ids, _own(prediction)
    before, today = read_today(order, own, then), read_today(order, own, now)
    decided = decided_today(prediction.path_ids, today, now)
    mass = before.chance(prediction.path_ids), today.chance(decided)
    prediction.confidence = carried_over(prediction.confidence, *mass)
    if prediction.category_confidence is not None:
        prediction.category_confidence = max(prediction.category_confidence, prediction.confidence)
    prediction.unsure = prediction.confidence < prediction.threshold
    prediction.only_category = prediction.only_category and prediction.unsure
    prediction.path_ids = decided
    prediction.candidate_ids = [pk for pk in now.ids(prediction.candidate_ids) if pk in today.order]
    prediction.today = today
