"""What the list of reports shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from classifier.services.reading import prediction_states
from incidents.models import Incident


@dataclass(frozen=True)
class QueueRow:
    incident: Incident
    prediction_state: str


def queue_rows(incidents: Sequence[Incident]) -> list[QueueRow]:
    """One page of reports with the state of their predictions, in a constant number of queries."""
    states = prediction_states(incidents)
    return [QueueRow(incident, states[incident.pk]) for incident in incidents]


def count_by_status(incidents: QuerySet[Incident]) -> dict[str, int]:
    return dict(incidents.order_by().values_list("status").annotate(Count("pk")))


def counts_of(tabs: Mapping[str, tuple[str, Iterable[str]]], by_status: dict[str, int]) -> list[tuple[str, str, int]]:
    """(name, label, number of reports) of each tab."""
    return [(name, label, sum(by_status.get(one, 0) for one in held)) for name, (label, held) in tabs.items()]
