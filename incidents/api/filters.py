"""Which reports a list holds."""

import django_filters
from django.db.models import Q

from incidents.models import Incident, Label
from incidents.models.incident import IncidentQuerySet


class IncidentFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Incident.Status.choices)
    category = django_filters.CharFilter(
        method="in_category", label="A category's name: the decided one, else the predicted one."
    )

    class Meta:
        model = Incident
        fields = ["status", "category"]

    def in_category(self, incidents: IncidentQuerySet, name: str, value: str) -> IncidentQuerySet:
        """A prediction's categories stand joined in one column, so the name is looked for at each place in it."""
        predicted = Q(current_category=value)
        for lookup, part in (("startswith", "{} or "), ("endswith", " or {}"), ("contains", " or {} or ")):
            predicted |= Q(**{f"current_category__{lookup}": part.format(value)})
        decided = Q(current_label__in=Label.objects.filter(paths__categories__name=value))
        return incidents.filter(decided | (Q(current_label=None) & predicted))
