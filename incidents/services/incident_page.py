"""What analysts see of one report."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.models import Prediction
from classifier.services.reading import RankedPath, prediction_state, ranked_paths
from incidents.models import Incident, Label
from incidents.services.history import Entry, history, labels_of

SHOWN_PREDICTIONS = 10
BEST = 5


@dataclass(frozen=True)
class PredictionView:
    """A prediction with its most probable paths; `outdated` where the text has changed since."""

    prediction: Prediction
    decided: Sequence[RankedPath]
    best: Sequence[RankedPath]
    outdated: bool


@dataclass(frozen=True)
class IncidentPage:
    incident: Incident
    prediction_state: str
    predictions: Sequence[PredictionView]
    labels: Sequence[Label]
    history: Sequence[Entry]


def incident_page(incident: Incident) -> IncidentPage:
    predictions = Prediction.objects.filter(incident=incident).select_related("version__snapshot").order_by("-pk")
    return IncidentPage(
        incident=incident,
        prediction_state=prediction_state(incident),
        predictions=[_view(incident, prediction) for prediction in predictions[:SHOWN_PREDICTIONS]],
        labels=labels_of(incident),
        history=history(incident),
    )


def _view(incident: Incident, prediction: Prediction) -> PredictionView:
    ranked = ranked_paths(prediction)
    return PredictionView(
        prediction=prediction,
        decided=[one for one in ranked if one.decided],
        best=ranked[:BEST],
        outdated=prediction.text_revision_id != incident.current_text_id,
    )
