"""What an analyst sees of one report while deciding."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from classifier.models import Prediction
from classifier.services.reading import latest_prediction, prediction_state
from incidents.models import Category, Incident, Label, Path, SecondOpinion, User
from incidents.services.doubts_page import DoubtRow, doubt_of
from incidents.services.passed_on import PassedOn, passed_on
from incidents.services.progress import Progress, progress
from incidents.services.review_labels import CategoryChoice, LabelChoice, backed_off, label_tree
from incidents.services.why import Why, why

RECENT = 10


@dataclass(frozen=True)
class Standing:
    """How far this person is; what the page shows beside the report."""

    progress: Progress
    recent: Sequence[Label]


@dataclass(frozen=True)
class ReviewPage:
    """`prediction`, `why` and `doubt`, of the label that stands, are None where the model's opinion is not to be seen:
    `blind` for the audit, `hidden` by the person's own wish. Nothing of it is in the page then."""

    incident: Incident
    prediction: Prediction | None
    prediction_state: str
    blind: bool
    hidden: bool
    tree: Sequence[CategoryChoice]
    backed_off: Category | None
    reopened: bool
    why: Why | None
    doubt: DoubtRow | None
    passed_on: Sequence[PassedOn]
    to_tell_apart: Sequence[Path]  # labels that stand on it, split since

    @property
    def concealed(self) -> bool:
        return self.blind or self.hidden

    @property
    def choices(self) -> list[LabelChoice]:
        return [choice for group in self.tree for choice in group.choices]

    @property
    def outcome(self) -> str:
        """What Enter would record: `confirm`, `correct`, `plain` (no opinion is shown), `ask` (a sub-category is to be
        chosen), or the empty string while no label is ticked."""
        chosen = {choice.path.pk for choice in self.choices if choice.chosen}
        suggested = {choice.path.pk for choice in self.choices if choice.suggested}
        if not chosen:
            return "ask" if self.backed_off else ""
        if self.concealed:
            return "plain"
        return Label.Verdict.CONFIRM if chosen == suggested else Label.Verdict.CORRECT


def review_page(incident: Incident, user: User, *, chosen: set[int] | None = None, hidden: bool = False) -> ReviewPage:
    """The page for this person; `chosen` are the labels ticked so far, None for what is chosen at first."""
    latest, blind = latest_prediction(incident), incident.hides_prediction
    seen = None if blind or hidden else latest
    paths = Path.objects.with_names().in_bulk()
    reopened = _is_reopened(incident, user)
    earlier = _earlier_choice(incident, user, standing=reopened)
    divided = _divided(incident) if reopened else []
    return ReviewPage(
        incident=incident,
        prediction=seen,
        prediction_state="" if blind or hidden else prediction_state(incident, latest),
        blind=blind,
        hidden=hidden and not blind,
        tree=label_tree(paths, seen, chosen if chosen is not None else earlier or None, divided),
        backed_off=None if chosen or earlier else backed_off(seen, paths),
        reopened=reopened,
        why=why(seen),
        doubt=doubt_of(incident) if reopened and not (blind or hidden) else None,
        passed_on=passed_on(incident),
        to_tell_apart=divided,
    )


def standing(user: User) -> Standing:
    mine = Label.objects.standing().reviewed_by(user)
    recent = mine.select_related("incident__current_text").prefetch_related(
        Prefetch("paths", Path.objects.with_names())
    )
    return Standing(progress(user), list(recent.order_by("-pk")[:RECENT]))


def _is_reopened(incident: Incident, user: User) -> bool:
    """Whether a decision stands that this person may know of: not while they are asked for a second opinion, also when
    the reporter has written meanwhile so that none is wanted any more.
    """
    return (
        incident.current_label_id is not None
        and not SecondOpinion.objects.held_by(user).filter(incident=incident.pk).exists()
    )


def _divided(incident: Incident) -> list[Path]:
    label = incident.current_label
    return [path for path in label.present_paths if path.is_divided] if label else []


def _earlier_choice(incident: Incident, user: User, *, standing: bool) -> set[int]:
    """What stands, else what this person chose last and took back; what others chose and took back says nothing."""
    own = incident.labels.filter(reviewer=user).order_by("-pk")
    label = incident.current_label if standing else own.first()
    return {path.pk for path in label.present_paths if not path.is_divided} if label else set()
