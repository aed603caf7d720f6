"""What analysts see of one report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from classifier.models import Prediction
from classifier.services.lineage import Learned, learned_from
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
from incidents.models import Attachment, Comment, Incident, Label, Path, ReporterMessage, User
from incidents.services import second_opinions
from incidents.services.changes import Change, changes
from incidents.services.history import Entry, Happened, events_of, history, labels_of
from incidents.services.merging import merged_reports
from incidents.services.next_steps import NextStep, next_steps
from incidents.services.observables import ObservableGroup, observables_of, search_state
from incidents.services.why import Why, why

SHOWN_PREDICTIONS = 10
BEST = 5
BEST_CATEGORIES = 3
AUDITED = gettext_noop("Hidden until the report is decided: it is part of the audit of the model.")
TABS: dict[str, str | Promise] = {
    "timeline": _("Timeline"),
    "comments": _("Comments"),
    "similar": _("Similar"),
    "attachments": _("Attachments"),
    "predictions": _("Predictions"),
    "history": _("History"),
}


@dataclass(frozen=True)
class PredictionView:
    """A prediction with its most probable paths; `outdated` where the text has changed since."""

    prediction: Prediction
    decided: Sequence[RankedPath]
    best: Sequence[RankedPath]
    candidates: Sequence[RankedPath]
    candidate_categories: Sequence[str]
    categories: Sequence[RankedCategory]
    outdated: bool


@dataclass(frozen=True)
class Tab:
    """`count` is None where counting would hold up the page: it is asked for once the page is there."""

    name: str
    label: str | Promise
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class IncidentPage:
    """`tab`: the name of the one that is open; `waiting`: what the reporter said and nobody has decided after.

    Predictions and similar reports are looked through for their own tabs alone.
    """

    incident: Incident
    tab: str
    prediction_state: str
    predictions: Sequence[PredictionView]
    prediction_count: int
    learned: Sequence[Learned]  # versions that have it in their dataset
    labels: Sequence[Label]
    timeline: Sequence[Entry]
    changes: Sequence[Change]
    comments: Sequence[Comment]
    attachments: Sequence[Attachment]
    waiting: Sequence[ReporterMessage]
    observables: Sequence[ObservableGroup]
    search_state: str  # of observables; empty where there are some
    why: Why | None
    similar: Sequence[SimilarReport] | None
    lack: str  # why there are no similar reports
    merged: Sequence[Incident]  # reports that are joined to this one
    steps: Sequence[NextStep]
    watched: bool

    @property
    def tabs(self) -> list[Tab]:
        counts = {
            "timeline": len(self.timeline),
            "comments": len(self.comments),
            "similar": len(self.similar or ()) if self.tab == "similar" else None,
            "attachments": len(self.attachments),
            "predictions": self.prediction_count,
            "history": len(self.changes),
        }
        return [Tab(name, TABS[name], count, name == self.tab) for name, count in counts.items()]


def incident_page(incident: Incident, user: User, tab: str = "") -> IncidentPage:
    """The page for this person; an unknown or missing tab is the first one.

    Without what the model says while a report of the audit is undecided, and without what others said of a report
    while this person holds a second opinion on it.
    """
    hidden, again = incident.hides_prediction, second_opinions.held_by(incident, user)
    tab, latest = tab if tab in TABS else next(iter(TABS)), latest_prediction(incident)
    similar = similar_reports(incident, user) if tab == "similar" and not hidden else None
    labels = [] if again else labels_of(incident)
    happened = _happened(incident, labels)
    observables, watches = observables_of(incident), incident.watches.filter(user=user)
    return IncidentPage(
        incident=incident,
        tab=tab,
        prediction_state=prediction_state(incident, latest),
        predictions=_predictions(incident) if tab == "predictions" else (),
        prediction_count=0 if hidden else min(incident.predictions.count(), SHOWN_PREDICTIONS),
        learned=learned_from(incident) if tab == "predictions" and not (hidden or again) else (),
        labels=labels,
        timeline=history(incident, happened),
        changes=changes(incident, labels, happened.events),
        comments=happened.comments,
        attachments=happened.attachments,
        waiting=[message for message in happened.messages if message.handled_at is None],
        observables=observables,
        search_state="" if observables else search_state(incident),
        why=None if hidden else why(latest),
        similar=similar,
        lack=_lack_of_similar(incident) if tab == "similar" and similar is None else "",
        merged=merged_reports(incident),
        steps=next_steps(incident, user),
        watched=watches.exists(),
    )


def similar_count(incident: Incident, user: User) -> int:
    """How many similar reports its tab would show this person."""
    return 0 if incident.hides_prediction else len(similar_reports(incident, user) or ())


def _lack_of_similar(incident: Incident) -> str:
    return gettext(AUDITED if incident.hides_prediction else lack(incident))


def _happened(incident: Incident, labels: Sequence[Label]) -> Happened:
    return Happened(
        labels=labels,
        comments=list(incident.comments.select_related("author").order_by("pk")),
        messages=list(incident.reporter_messages.order_by("pk")),
        attachments=list(incident.attachments.select_related("by").order_by("pk")),
        events=events_of(incident),
    )


def _predictions(incident: Incident) -> list[PredictionView]:
    """The newest first; none while the audit hides them."""
    if incident.hides_prediction:
        return []
    rows = Prediction.objects.filter(incident=incident).select_related("version__snapshot").order_by("-pk")
    predictions = list(rows[:SHOWN_PREDICTIONS])
    paths = known_paths(predictions)
    return [_view(incident, prediction, paths) for prediction in predictions]


def _view(incident: Incident, prediction: Prediction, paths: Mapping[int, Path]) -> PredictionView:
    ranked, candidates = ranked_paths(prediction, paths), set(prediction.candidate_ids)
    return PredictionView(
        prediction=prediction,
        decided=[one for one in ranked if one.decided],
        best=ranked[:BEST],
        candidates=[one for one in ranked if one.path.pk in candidates],
        candidate_categories=_candidate_categories(prediction, ranked),
        categories=ranked_categories(ranked)[:BEST_CATEGORIES],
        outdated=prediction.text_revision_id != incident.current_text_id,
    )


def _candidate_categories(prediction: Prediction, ranked: Sequence[RankedPath]) -> Sequence[str]:
    """As they are called today. Where the taxonomy has changed since, those of the possible labels, which keep the
    same promise.
    """
    names = {one.path.pk: " or ".join(one.path.category_names) for one in ranked}
    said: Sequence[str] = prediction.candidate_categories
    if set(said) <= set(names.values()):
        return said
    candidates = set(prediction.candidate_ids)
    return list(dict.fromkeys(names[one.path.pk] for one in ranked if one.path.pk in candidates))
