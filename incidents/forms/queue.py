"""The filters of the list of reports; they stand in the address, so that a view can be sent to a colleague."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from incidents.models import Category, Incident
from incidents.models.incident import IncidentQuerySet

Status = Incident.Status
WAITING = "waiting"
# Tab -> the states that it shows. The first is what an analyst works on, ordered as the review serves it.
TABS: dict[str, tuple[str, Sequence[str]]] = {
    WAITING: ("To review", (Status.CLASSIFIED,)),
    "second_look": ("Second look", (Status.SECOND_LOOK,)),
    "in_review": ("In review", (Status.IN_REVIEW,)),
    "new": ("Not classified yet", (Status.NEW,)),
    "decided": ("Decided", (Status.DECIDED,)),
    "rejected": ("Rejected", (Status.REJECTED,)),
    "all": ("All", tuple(Status)),
}
RANKED = {WAITING, "second_look"}


class IncidentFilter(django_filters.FilterSet):
    """`status` names a tab; an unknown or missing one is what waits for review."""

    q = django_filters.CharFilter(method="search", label="Words or number", max_length=200)
    category = django_filters.ModelChoiceFilter(
        queryset=Category.objects.all(), to_field_name="name", method="in_category", empty_label="Any category"
    )
    source = django_filters.ChoiceFilter(choices=Incident.Source, empty_label="Any source")
    unsure = django_filters.BooleanFilter(
        field_name="current_unsure", label="Unsure only", method="only_unsure", widget=forms.CheckboxInput
    )

    class Meta:
        model = Incident
        fields = ["q", "category", "source", "unsure"]

    @property
    def tab(self) -> str:
        asked = str(self.data.get("status", WAITING))
        return asked if asked in TABS else WAITING

    @property
    def in_tab(self) -> QuerySet[Incident]:
        """The reports of the tab, the first to review first, or the newest first."""
        rows: QuerySet[Incident] = self.qs.filter(status__in=TABS[self.tab][1])
        return rows.order_by("-review_priority", "pk") if self.tab in RANKED else rows.order_by("-pk")

    def search(self, rows: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        number = value.removeprefix("#")
        by_number = Q(pk=int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else Q()
        return rows.filter(Q(current_text__title__icontains=value) | Q(current_text__text__icontains=value) | by_number)

    def in_category(self, rows: IncidentQuerySet, name: str, value: Category) -> IncidentQuerySet:
        return rows.in_category(value.name)

    def only_unsure(self, rows: QuerySet[Incident], name: str, value: Any) -> QuerySet[Incident]:
        return rows.filter(current_unsure=True) if value else rows
