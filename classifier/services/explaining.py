"""Finding the words that carried a label: the worker's side."""

import time
from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from django.db import transaction

from classifier import registry
from classifier.ml.artifact import ArtifactUnusable
from classifier.ml.explanation import Explanation as Found
from classifier.models import Explanation, Prediction
from incidents.texts import training_text
from workers.errors import sentence
from workers.jobs import Batch

EXPERTS = ("linear", "t5")  # in the order of `Explanation.words`
KEPT = 200  # words; a page marks far fewer
LEAST = 0.02  # of the strongest word's weight; what is weaker says nothing
DECIMALS = 4
RETIRED = "This label was retired since, so no words are looked for."


def explain_batch(batch: Batch) -> None:
    """Explain what was asked for. Safe to run twice: what is computed stays, and what was erased is passed over."""
    asked = Explanation.objects.filter(pk__in=batch.object_ids, words__isnull=True, problem="")
    rows = list(
        asked.select_related(
            "prediction__text_revision", "prediction__version__snapshot", "path__replaced_by"
        ).order_by("prediction_id")
    )
    for prediction, of_one in groupby(rows, key=lambda row: row.prediction):
        _explain(prediction, list(of_one))
    with transaction.atomic():
        Explanation.objects.bulk_update(rows, ["words", "problem", "seconds"])
        batch.finish()


def _explain(prediction: Prediction, rows: Sequence[Explanation]) -> None:
    started = time.perf_counter()
    revision = prediction.text_revision
    try:
        present = registry.present(prediction.version)
    except ArtifactUnusable as error:
        _say_impossible(prediction, rows, error)
        return
    places = {row.pk: _place(row, present) for row in rows}
    wanted = sorted({place for place in places.values() if place is not None})
    found = present.model.explain(training_text(revision.title, revision.text), wanted)
    seconds = (time.perf_counter() - started) / len(rows)
    for row in rows:
        place = places[row.pk]
        if place is None:
            row.problem = RETIRED
            continue
        row.words, row.seconds = strongest(found[place]), seconds


def _place(row: Explanation, present: registry.Present) -> int | None:
    """Among the model's paths of today; None for a label that was retired since."""
    today = row.path.present
    return present.path_ids.index(today.pk) if today and today.pk in present.path_ids else None


def _say_impossible(prediction: Prediction, rows: Iterable[Explanation], error: ArtifactUnusable) -> None:
    problem = f"{prediction.version} made this prediction and cannot be read any more: {sentence(error)}"
    for row in rows:
        row.problem = problem[:299] + "."


def strongest(found: Found) -> list[list[float]]:
    """The words that matter, as `Explanation.words` holds them."""
    totals = np.abs(found.totals)
    nothing = np.zeros(len(totals))
    shares = [found.shares.get(name, nothing) for name in EXPERTS]
    least = max(LEAST * totals.max(initial=0), 10**-DECIMALS)
    order = [place for place in np.argsort(-totals, kind="stable")[:KEPT] if totals[place] >= least]
    return [
        [found.words[place].start, found.words[place].end, *(round(float(share[place]), DECIMALS) for share in shares)]
        for place in order
    ]
