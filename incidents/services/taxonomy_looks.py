"""Decided reports that somebody has to look at because of a step of the taxonomy: asked of the rows, never kept.

After a split those that are not told apart yet; after a retirement those that lost their label; after an undoing those
labelled meanwhile, in labels that the undone step had made or led to, or in any where it had retired the label that
they had. Whoever decides one anew takes it off the list.
"""

from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from incidents.models import Incident, Label, Path, TaxonomyStep
from incidents.models.incident import IncidentQuerySet

Kind, State = TaxonomyStep.Kind, Path.State
ASKING = (Kind.SPLIT, Kind.RETIRE, Kind.UNDO)  # steps after which there may be any
Rows = TypeVar("Rows", IncidentQuerySet, QuerySet[Incident])


def to_look_at(rows: Rows, step: TaxonomyStep) -> Rows:
    """Those of the reports whose present decision is to be looked at after this step."""
    links = Label.paths.through.objects.filter(path__in=_paths(step)).values("label")
    if not step.undoes:
        return rows.filter(current_label__in=links)
    between = Q(current_label__created_at__gt=step.undoes.created_at, current_label__created_at__lt=step.created_at)
    before = _labels_before(step.undoes).values("pk")[:1]
    had_retired = Exists(Label.objects.filter(pk=Subquery(before), paths__in=_retired(step.undoes)))
    return rows.filter(between).filter(Q(current_label__in=links) | had_retired)


def left(step: TaxonomyStep) -> int:
    """How many reports are still to be looked at after it."""
    return to_look_at(Incident.objects.all(), step).count() if step.kind in ASKING else 0


def address_query(step: TaxonomyStep) -> str:
    """Of the list of these reports, and of the review that goes through it."""
    return f"status=decided&look={step.pk}"


def _labels_before(step: TaxonomyStep) -> QuerySet[Label]:
    """Of a report, first the label that stood when a step was taken; to be asked within a query of reports."""
    then = Label.objects.filter(incident=OuterRef(OuterRef("pk")), created_at__lte=step.created_at)
    kept = then.exclude(slot=Label.Slot.SECOND).exclude(retraction__created_at__lte=step.created_at)
    return kept.order_by("-created_at", "-pk")


def _retired(step: TaxonomyStep) -> set[int]:
    """The labels that a step retired, and those that read as one of them until then."""
    closed = {pk for pk, (state, _into) in step.part.closes.items() if state == State.RETIRED}
    before = TaxonomyStep.objects.filter(pk__lt=step.pk).reading()
    return closed | {pk for pk, into in before.changed.items() if into in closed}


def _paths(step: TaxonomyStep) -> set[int]:
    if step.undoes:
        part = step.undoes.part
        return {*part.opens, *(into for _state, into in part.closes.values() if into)}
    closed = [pk for pk, (state, _into) in step.part.closes.items() if state in (State.DIVIDED, State.RETIRED)]
    still = Path.objects.filter(Q(pk__in=closed) | Q(replaced_by__in=closed) | Q(state=State.RETIRED, pk__in=closed))
    waiting = still.exclude(state=State.LIVE).exclude(state=State.MERGED, replaced_by__state=State.LIVE)
    return set(waiting.values_list("pk", flat=True))
