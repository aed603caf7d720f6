"""Which reports a list holds."""

import django_filters

from config.api.access import caller
from incidents.models import Incident
from incidents.models.incident import IncidentQuerySet
from incidents.services import second_opinions


class IncidentFilter(django_filters.FilterSet):
    # A report has one status: to look for repetitions would sort every report that fits, with its text.
    status = django_filters.MultipleChoiceFilter(choices=Incident.Status.choices, distinct=False)
    category = django_filters.CharFilter(label="A category's name: the decided one, else the predicted one.")

    class Meta:
        model = Incident
        fields = ["status", "category"]

    def filter_queryset(self, incidents: IncidentQuerySet) -> IncidentQuerySet:
        """A report is in review for whoever holds a second opinion on it, and in no list of a category."""
        states, category = self.form.cleaned_data["status"], self.form.cleaned_data["category"]
        held = second_opinions.reports_held_by(caller(self.request))
        rows = incidents.in_category(category) if category else incidents
        return second_opinions.listed(rows, states or Incident.Status.values, held, tells=bool(category))
