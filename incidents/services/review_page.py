"""What an analyst sees of one report while deciding."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.models import Prediction
from classifier.services.reading import known_paths, latest_prediction, prediction_state, ranked_paths
from incidents.models import Incident, Label, Path, User
from incidents.services.why import Why, why

KEYS = "1234567890"
RECENT = 8


@dataclass(frozen=True)
class LabelChoice:
    """One label that can be ticked; `probability` is None where the model has no opinion on it."""

    path: Path
    probability: float | None
    suggested: bool
    chosen: bool
    key: str  # the number key that toggles it; empty after the tenth


@dataclass(frozen=True)
class ReviewPage:
    incident: Incident
    prediction: Prediction | None
    prediction_state: str
    choices: Sequence[LabelChoice]
    decided_today: int
    waiting: int
    recent: Sequence[Label]
    why: Why | None

    @property
    def outcome(self) -> str:
        """What Enter would record: `confirm`, `correct`, or the empty string while no label is ticked."""
        chosen = {choice.path.pk for choice in self.choices if choice.chosen}
        suggested = {choice.path.pk for choice in self.choices if choice.suggested}
        if not chosen:
            return ""
        return Label.Verdict.CONFIRM if chosen == suggested else Label.Verdict.CORRECT


def review_page(incident: Incident, user: User, chosen: set[int] | None = None) -> ReviewPage:
    """The page for this person; `chosen` are the labels ticked so far, None for what is suggested at first."""
    prediction = latest_prediction(incident)
    mine = Label.objects.standing().reviewed_by(user)
    return ReviewPage(
        incident=incident,
        prediction=prediction,
        prediction_state=prediction_state(incident, prediction),
        choices=_choices(prediction, _first_choice(incident, prediction) if chosen is None else chosen),
        decided_today=mine.of_today().count(),
        waiting=Incident.objects.awaiting_review().count(),
        recent=list(mine.select_related("incident__current_text").order_by("-pk")[:RECENT]),
        why=why(prediction),
    )


def _choices(prediction: Prediction | None, chosen: set[int]) -> list[LabelChoice]:
    """Every label, the most probable first; those that the model does not know follow by name."""
    ranked = ranked_paths(prediction, known_paths([prediction])) if prediction else []
    rows: list[tuple[Path, float | None, bool]] = [(one.path, one.probability, one.decided) for one in ranked]
    known = [one.path.pk for one in ranked]
    rows += [(path, None, False) for path in Path.objects.with_names().exclude(pk__in=known)]
    return [
        LabelChoice(path, probability, suggested, path.pk in chosen, KEYS[place : place + 1])
        for place, (path, probability, suggested) in enumerate(rows)
    ]


def _first_choice(incident: Incident, prediction: Prediction | None) -> set[int]:
    """What somebody chose last, undone or not, else what the model suggests."""
    last = incident.labels.order_by("-pk").first()
    earlier = {path.pk for path in last.paths.all()} if last else set()
    return earlier or (set(prediction.path_ids) if prediction else set())
