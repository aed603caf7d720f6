"""What analysts see of one report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from classifier.models import Prediction
from classifier.services.reading import (
    RankedCategory,
    RankedPath,
    known_paths,
    latest_prediction,
    prediction_state,
    ranked_categories,
    ranked_paths,
)
from classifier.services.similar import SimilarReport, lack, similar_reports
from incidents.models import Incident, Label, Path, User
from incidents.services import second_opinions
from incidents.services.history import Entry, history, labels_of
from incidents.services.why import Why, why

SHOWN_PREDICTIONS = 10
BEST = 5
BEST_CATEGORIES = 3
AUDITED = gettext_noop("Hidden until the report is decided: it is part of the audit of the model.")


@dataclass(frozen=True)
class PredictionView:
    """A prediction with its most probable paths; `outdated` where the text has changed since."""

    prediction: Prediction
    decided: Sequence[RankedPath]
    best: Sequence[RankedPath]
    candidates: Sequence[RankedPath]
    categories: Sequence[RankedCategory]
    outdated: bool


@dataclass(frozen=True)
class IncidentPage:
    incident: Incident
    prediction_state: str
    predictions: Sequence[PredictionView]
    labels: Sequence[Label]
    history: Sequence[Entry]
    why: Why | None
    similar: Sequence[SimilarReport] | None
    lack: str  # why there are no similar reports


def incident_page(incident: Incident, user: User) -> IncidentPage:
    """Without what the model says while a report of the audit is undecided, and without what others said of a report
    while this person holds a second opinion on it."""
    hidden, again = incident.hides_prediction, second_opinions.held_by(incident, user)
    rows = Prediction.objects.filter(incident=incident).select_related("version__snapshot").order_by("-pk")
    predictions, labels = [] if hidden else list(rows[:SHOWN_PREDICTIONS]), [] if again else labels_of(incident)
    paths, latest = known_paths(predictions), latest_prediction(incident)
    similar = None if hidden else similar_reports(incident, user)
    return IncidentPage(
        incident=incident,
        prediction_state=prediction_state(incident, latest),
        predictions=[_view(incident, prediction, paths) for prediction in predictions],
        labels=labels,
        history=history(incident, labels),
        why=None if hidden else why(latest),
        similar=similar,
        lack=_(AUDITED) if hidden else lack(incident) if similar is None else "",
    )


def _view(incident: Incident, prediction: Prediction, paths: Mapping[int, Path]) -> PredictionView:
    ranked, candidates = ranked_paths(prediction, paths), set(prediction.candidate_ids)
    return PredictionView(
        prediction=prediction,
        decided=[one for one in ranked if one.decided],
        best=ranked[:BEST],
        candidates=[one for one in ranked if one.path.pk in candidates],
        categories=ranked_categories(ranked)[:BEST_CATEGORIES],
        outdated=prediction.text_revision_id != incident.current_text_id,
    )
