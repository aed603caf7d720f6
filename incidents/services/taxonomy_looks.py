"""Decided reports that somebody has to look at because of a step of the taxonomy: asked of the rows, never kept.

After a split those that are not told apart yet; after a retirement those that lost their label; after an undoing those
labelled meanwhile, in labels that the undone step had made or led to. Whoever decides one anew takes it off the list.
"""

from typing import TypeVar

from django.db.models import Q, QuerySet

from incidents.models import Incident, Label, Path, TaxonomyStep
from incidents.models.incident import IncidentQuerySet

Kind, State = TaxonomyStep.Kind, Path.State
ASKING = (Kind.SPLIT, Kind.RETIRE, Kind.UNDO)  # steps after which there may be any
Rows = TypeVar("Rows", IncidentQuerySet, QuerySet[Incident])


def to_look_at(rows: Rows, step: TaxonomyStep) -> Rows:
    """Those of the reports whose present decision is to be looked at after this step."""
    links = Label.paths.through.objects.filter(path__in=_paths(step)).values("label")
    found = rows.filter(current_label__in=links)
    if step.undoes:
        between = Q(current_label__created_at__gt=step.undoes.created_at, current_label__created_at__lt=step.created_at)
        found = found.filter(between)
    return found


def left(step: TaxonomyStep) -> int:
    """How many reports are still to be looked at after it."""
    return to_look_at(Incident.objects.all(), step).count() if step.kind in ASKING else 0


def address_query(step: TaxonomyStep) -> str:
    """Of the list of these reports, and of the review that goes through it."""
    return f"status=decided&look={step.pk}"


def _paths(step: TaxonomyStep) -> set[int]:
    if step.undoes:
        part = step.undoes.part
        return {*part.opens, *(into for _state, into in part.closes.values() if into)}
    closed = [pk for pk, (state, _into) in step.part.closes.items() if state in (State.DIVIDED, State.RETIRED)]
    still = Path.objects.filter(Q(pk__in=closed) | Q(replaced_by__in=closed) | Q(state=State.RETIRED, pk__in=closed))
    waiting = still.exclude(state=State.LIVE).exclude(state=State.MERGED, replaced_by__state=State.LIVE)
    return set(waiting.values_list("pk", flat=True))
