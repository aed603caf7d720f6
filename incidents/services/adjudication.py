"""Settling disputes: two people decided a report in different ways, and a lead says what stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from classifier.models import Prediction
from classifier.services.reading import RankedPath, known_paths, latest_prediction, ranked_paths
from incidents.models import Incident, Label, Path, SecondOpinion, User
from incidents.services import decisions
from incidents.services.decisions import Decision

State, Status = SecondOpinion.State, Incident.Status
LIKELY = 5  # labels that the model holds for the most probable
LATELY = 10


class AlreadySettled(Exception):
    """Somebody else was first, or one of the two has taken their word back."""


@dataclass(frozen=True)
class Side:
    """What one of the two said; `letter` stands for the name, which is told only when all is settled."""

    letter: str
    label: Label

    @property
    def may_stand(self) -> bool:
        return self.label.verdict != Label.Verdict.UNSURE


@dataclass(frozen=True)
class DisputePage:
    """`likely` are the labels that are worth a look first: what was said, then what the model holds for probable."""

    opinion: SecondOpinion
    incident: Incident
    sides: Sequence[Side]
    prediction: Prediction | None
    predicted: Sequence[RankedPath]
    likely: Sequence[Path]
    others: Sequence[Path]
    mine: bool  # the lead is one of the two

    @property
    def settled(self) -> bool:
        return self.opinion.state == State.ADJUDICATED


def disputes() -> QuerySet[SecondOpinion]:
    """What waits to be settled, the oldest first."""
    return _with_all(SecondOpinion.objects.filter(state=State.DISPUTED, incident__status=Status.SECOND_LOOK)).order_by(
        "pk"
    )


def settled_lately() -> list[SecondOpinion]:
    """The last ones that still stand as they were settled."""
    standing = SecondOpinion.objects.filter(state=State.ADJUDICATED, adjudication__current_of__isnull=False)
    return list(_with_all(standing).order_by("-adjudication")[:LATELY])


def known() -> QuerySet[SecondOpinion]:
    """Those that have a page: what is disputed, and what was."""
    return _with_all(SecondOpinion.objects.filter(state__in=[State.DISPUTED, State.ADJUDICATED]))


def sides(opinion: SecondOpinion) -> list[Side]:
    """Now this and now that one first, so that nobody learns to trust A."""
    assert opinion.second is not None, "nothing is disputed before there is a second opinion"
    labels = [opinion.first, opinion.second] if opinion.pk % 2 else [opinion.second, opinion.first]
    return [Side(letter, label) for letter, label in zip("AB", labels, strict=True)]


def dispute_page(opinion: SecondOpinion, user: User) -> DisputePage:
    both = sides(opinion)
    prediction = latest_prediction(opinion.incident)
    ranked = ranked_paths(prediction, known_paths([prediction])) if prediction else []
    said = [path for side in both for path in side.label.present_paths if path.state == Path.State.LIVE]
    likely = list(dict.fromkeys([*said, *(one.path for one in ranked[:LIKELY] if one.path.state == Path.State.LIVE)]))
    return DisputePage(
        opinion=opinion,
        incident=opinion.incident,
        sides=both,
        prediction=prediction,
        predicted=[one for one in ranked if one.decided],
        likely=likely,
        others=list(Path.objects.live().with_names().exclude(pk__in=[path.pk for path in likely])),
        mine=any(side.label.reviewer_id == user.pk for side in both),
    )


@transaction.atomic
def settle(opinion: SecondOpinion, *, by: User, verdict: str, paths: Sequence[Path] = (), reason: str = "") -> Label:
    """Let a lead's verdict stand on the report. Raises AlreadySettled."""
    incident = Incident.objects.select_for_update().get(pk=opinion.incident_id)
    disputed = SecondOpinion.objects.filter(pk=opinion.pk, state=State.DISPUTED)
    stands = incident.status == Status.SECOND_LOOK and incident.current_label_id == opinion.first_id
    if not stands or disputed.update(state=State.ADJUDICATED) == 0:
        raise AlreadySettled
    decision = Decision(incident, verdict, paths, latest_prediction(incident), reason, slot=Label.Slot.ADJUDICATION)
    (label,) = decisions.record([decision], reviewer=by)
    SecondOpinion.objects.filter(pk=opinion.pk).update(adjudication=label)
    return label


@transaction.atomic
def unsettle(opinion: SecondOpinion, *, by: User) -> None:
    """Take back how a dispute was settled: it is one again. Raises AlreadySettled when another decision stands."""
    label = opinion.adjudication
    if label is None or not _rests(label).update(status=Status.SECOND_LOOK):
        raise AlreadySettled
    SecondOpinion.objects.filter(pk=opinion.pk).update(state=State.DISPUTED, adjudication=None)
    decisions.take_back([label], by=by)


def _rests(label: Label) -> QuerySet[Incident]:
    """The report while the label stands on it and nobody is at it."""
    return Incident.objects.filter(current_label=label, status__in=[Status.DECIDED, Status.REJECTED])


def _with_all(opinions: QuerySet[SecondOpinion]) -> QuerySet[SecondOpinion]:
    people = opinions.select_related(
        "incident__current_text", "first__reviewer", "second__reviewer", "adjudication__reviewer"
    )
    labels = ("first", "second", "adjudication")
    return people.prefetch_related(*(Prefetch(f"{label}__paths", Path.objects.with_names()) for label in labels))
