"""The observables of reports: found by jobs, shown with the report, and the way to other reports that have them.

The same jobs note the personal data of imported reports, whose filing has no time for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from incidents.models import Incident, Observable, TextRevision, User
from incidents.models.incident import IncidentQuerySet
from incidents.observables import find_observables
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

FIND, FIND_IN_CHUNK, QUEUE = "find_observables", "find_observables_in_chunk", "desk"
CHUNK = 500  # reports of neighbouring numbers that one job of an import looks through


@dataclass(frozen=True)
class ObservableGroup:
    """Observables of one kind, in the order of the text."""

    label: str
    observables: Sequence[Observable]


def request_observables(incident_id: int, *, priority: int) -> None:
    """Have a new or changed text looked through, in the caller's transaction."""
    jobs.enqueue(FIND, incident_id, queue=QUEUE, priority=priority)


def request_observables_of_many(incident_ids: Iterable[int]) -> None:
    """As `request_observables`, for an import: a job for reports by the hundred."""
    chunks = sorted({pk // CHUNK for pk in incident_ids})
    jobs.enqueue_many(FIND_IN_CHUNK, chunks, queue=QUEUE, priority=Job.Priority.IMPORT)


def find_in_reports(batch: Batch) -> None:
    """Look through the reports of a batch. Safe to run twice: what has been found is kept, what is gone is removed."""
    _look_through(Incident.objects.filter(pk__in=batch.object_ids), batch)


def find_in_chunk(batch: Batch) -> None:
    """Look through the reports of a chunk of numbers. Safe to run twice."""
    (chunk,) = batch.object_ids
    _look_through(Incident.objects.filter(pk__gte=chunk * CHUNK, pk__lt=(chunk + 1) * CHUNK), batch)


def observables_of(incident: Incident) -> list[ObservableGroup]:
    rows = list(incident.observables.order_by("pk"))
    of_kind = {kind: [row for row in rows if row.kind == kind] for kind in Observable.Kind}
    return [ObservableGroup(str(kind.label), found) for kind, found in of_kind.items() if found]


def search_state(incident: Incident) -> str:
    """How far the search in the present text is: `done`, `waiting`, or the empty string where nobody asked for it, or
    it failed.
    """
    if incident.current_text and incident.current_text.looked_through_at:
        return "done"
    waiting = Job.objects.open()
    mine = waiting.filter(kind=FIND, object_id=incident.pk)
    asked = (mine | waiting.filter(kind=FIND_IN_CHUNK, object_id=incident.pk // CHUNK)).exists()
    return "waiting" if asked else ""


def named(number: int | None, kind: str, value: str, user: User) -> Observable | None:
    """One of those reports that this person may see, by its number, else by its kind and value."""
    seen = Observable.objects.filter(incident__in=Incident.objects.visible_to(user)).select_related("incident")
    return seen.filter(pk=number).first() if number else seen.filter(kind=kind, value=value).first()


def reports_with(kind: str, value: str, user: User) -> IncidentQuerySet:
    """The reports that this person may see and that have an observable, the newest first."""
    holding = Observable.objects.filter(kind=kind, value=value).values("incident")
    return Incident.objects.visible_to(user).filter(pk__in=holding).order_by("-pk")


def _look_through(incidents: IncidentQuerySet, batch: Batch) -> None:
    found: dict[int, list[tuple[str, str]]] = {}
    texts: list[TextRevision] = []
    now = timezone.now()
    columns = ("pk", "current_text", "current_text__title", "current_text__text")
    for pk, revision, title, text in incidents.exclude(current_text=None).values_list(*columns):
        found[pk] = find_observables(f"{title}\n{text}")
        texts.append(TextRevision(pk=revision, looked_through_at=now))
        batch.beat()
    with transaction.atomic():
        _keep(found)
        TextRevision.objects.bulk_update(texts, ["looked_through_at"])
        batch.finish()


def _keep(found: dict[int, list[tuple[str, str]]]) -> None:
    """Bring the rows of these reports to what was found."""
    wanted = {(pk, kind, value) for pk, pairs in found.items() for kind, value in pairs}
    rows = Observable.objects.filter(incident__in=found).values_list("incident", "kind", "value", "pk")
    kept = {(pk, kind, value): row for pk, kind, value, row in rows}
    Observable.objects.filter(pk__in=[row for key, row in kept.items() if key not in wanted]).delete()
    Observable.objects.bulk_create(
        (
            Observable(incident_id=pk, kind=kind, value=value)
            for pk, pairs in found.items()
            for kind, value in pairs
            if (pk, kind, value) not in kept
        ),
        ignore_conflicts=True,
    )
