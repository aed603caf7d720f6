"""Which reports a list holds."""

import django_filters

from incidents.models import Incident
from incidents.models.incident import IncidentQuerySet


class IncidentFilter(django_filters.FilterSet):
    # A report has one status: to look for repetitions would sort every report that fits, with its text.
    status = django_filters.MultipleChoiceFilter(choices=Incident.Status.choices, distinct=False)
    category = django_filters.CharFilter(
        method="in_category", label="A category's name: the decided one, else the predicted one."
    )

    class Meta:
        model = Incident
        fields = ["status", "category"]

    def in_category(self, incidents: IncidentQuerySet, name: str, value: str) -> IncidentQuerySet:
        return incidents.in_category(value)
