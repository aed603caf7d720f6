"""The filters of the list of reports; they stand in the address, so that a view can be sent to a colleague."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classifier.models import ModelVersion
from incidents.models import Category, Incident, TaxonomyStep, User
from incidents.models.incident import IncidentQuerySet
from incidents.services.facet_cube import OLDER, day_of
from incidents.services.facets import AGE, ANOMALY, CONFIDENCE, ME, NOBODY, UNSURE
from incidents.services.queue_order import ORDERS, Order, Place
from incidents.services.search import MOST_FOUND, ids_of, number_of
from incidents.services.second_opinions import listed, reports_held_by
from incidents.services.taxonomy import names_of_today
from incidents.services.taxonomy_looks import to_look_at
from incidents.taxonomy_plan import CATEGORY

Status = Incident.Status
WAITING = "waiting"
# Tab -> the states that it shows. The first is what an analyst works on, ordered as the review serves it.
TABS: dict[str, tuple[str | Promise, Sequence[str]]] = {
    WAITING: (_("To review"), (Status.CLASSIFIED,)),
    "second_look": (_("Second look"), (Status.SECOND_LOOK,)),
    "in_review": (_("In review"), (Status.IN_REVIEW,)),
    "snoozed": (_("Waiting"), (Status.WAITING_REPORTER,)),
    "new": (_("Not classified yet"), (Status.NEW,)),
    "accepted": (_("Auto-accepted"), (Status.ACCEPTED,)),
    "decided": (_("Decided"), (Status.DECIDED,)),
    "rejected": (_("Rejected"), (Status.REJECTED,)),
    "all": (_("All"), tuple(state for state in Status if state != Status.ERASED)),
}
RANKED = {WAITING, "second_look"}
LABELLED = {"category", "confidence", "anomaly", "model", "unsure"}  # filters by what is decided or predicted
PAGES = ("after", "before")  # where in the list, which is no part of what it shows


def _choices(name: str, choices: Any, sentence: str | Promise, **more: Any) -> django_filters.ChoiceFilter:
    pairs = list(choices.items()) if hasattr(choices, "items") else choices
    return django_filters.ChoiceFilter(choices=pairs, error_messages={"invalid_choice": sentence}, **more)


class CategoryField(django_filters.fields.ModelChoiceField):
    """A category by its name. One that was saved, or sent, under a former name is found by that."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError:
            today = names_of_today().get((CATEGORY, str(value)))
            if today is None:
                raise
            return super().to_python(today)


class CategoryFilter(django_filters.ModelChoiceFilter):
    field_class = CategoryField


class QueueForm(forms.Form):
    """Checks what needs a look at the rows: who and which model is meant."""

    def clean_model(self) -> str:
        name: str = self.cleaned_data["model"]
        if name and not ModelVersion.objects.filter(name=name).exists():
            raise ValidationError(_("There is no model of that name."))
        return name

    def clean_look(self) -> str:
        number: str = self.cleaned_data["look"]
        if number and not (number.isascii() and number.isdigit() and TaxonomyStep.objects.filter(pk=number).exists()):
            raise ValidationError(_("There is no such step of the taxonomy."))
        return number

    def clean_assignee(self) -> str:
        name: str = self.cleaned_data["assignee"]
        if name not in {"", ME, NOBODY} and not User.objects.filter(username=name).exists():
            raise ValidationError(_("There is nobody of that name."))
        return name


class IncidentFilter(django_filters.FilterSet):
    """`status` names a tab; an unknown or missing one is what waits for review.

    `user` is who "me" means. What the address asks for and nobody understands is left out, and told in `problems`.
    `every`: all reports that have the words, also where they are more than a list looks through.
    """

    q = django_filters.CharFilter(method="search", label=_("Words or number"), max_length=200)
    category = CategoryFilter(
        queryset=Category.objects.all(),
        to_field_name="name",
        method="in_category",
        error_messages={"invalid_choice": _("There is no category of that name.")},
    )
    confidence = _choices(
        "confidence", CONFIDENCE, _("There is no such band of confidence."), field_name="confidence_band"
    )
    anomaly = _choices("anomaly", ANOMALY, _("There is no such band."), field_name="anomaly_band")
    model = django_filters.CharFilter(field_name="told_model", max_length=120)
    source = _choices("source", Incident.Source.choices, _("There is no such source."))
    age = _choices("age", AGE, _("There is no such age."), method="of_age")
    assignee = django_filters.CharFilter(method="assigned_to", max_length=150)
    unsure = _choices("unsure", UNSURE, _("“Unsure” is either on or not there."), method="only_unsure")
    twins = django_filters.CharFilter(max_length=64)
    look = django_filters.CharFilter(method="after_step", max_length=15)
    status = _choices(
        "status",
        {name: label for name, (label, _held) in TABS.items()},
        _("There is no such list. This is what waits for review."),
        method="leave",
    )
    order = _choices(
        "order", {name: one.label for name, one in ORDERS.items()}, _("There is no such order."), method="leave"
    )
    unfold = _choices("unfold", {"on": ""}, _("“Unfold” is either on or not there."), method="leave")

    class Meta:
        model = Incident
        form = QueueForm
        fields = ["q", "category", "source"]

    def __init__(self, *args: Any, user: User | None = None, every: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.every = user, every

    @property
    def tab(self) -> str:
        asked = str(self.data.get("status", WAITING))
        return asked if asked in TABS else WAITING

    @property
    def ordering(self) -> Order:
        return ORDERS[self.order_name]

    @property
    def order_name(self) -> str:
        return self._asked("order") or self.usual_order

    @property
    def usual_order(self) -> str:
        """Of the tab, where none is asked for."""
        return "priority" if self.tab in RANKED else "newest"

    @property
    def folds(self) -> bool:
        """Whether reports worded almost alike share a row: where somebody works through one state, and wants it."""
        looks_closer = self._asked("unfold") or self._asked("twins") or self._asked("q") or self.looks_again
        return len(TABS[self.tab][1]) == 1 and not looks_closer

    @property
    def is_all_that_waits(self) -> bool:
        """Whether it is all that waits for review, in whatever order."""
        return self.tab == WAITING and not self.params.keys() - {"status", "order", "unfold"}

    @property
    def states(self) -> Sequence[str]:
        """Of the reports of the tab."""
        return TABS[self.tab][1]

    @property
    def reports(self) -> IncidentQuerySet:
        """The reports of the tab that the filters leave, in no order."""
        return listed(self.qs, self.states, self.held, tells=self.tells)

    @cached_property
    def held(self) -> Sequence[int]:
        """The reports that look undecided to this person, who holds second opinions on them."""
        return reports_held_by(self.user)

    @property
    def tells(self) -> bool:
        """Whether it tells what is decided or predicted of a report that it stands in this list, at this place."""
        return bool(LABELLED & self.chosen.keys()) or self.looks_again or self.ranks

    @property
    def looks_again(self) -> bool:
        """Whether it is what a step of the taxonomy left to be looked at: decided reports, to be decided anew."""
        return bool(self._asked("look"))

    @property
    def ranks(self) -> bool:
        """As `tells`, whatever values are chosen: by words, or by an order of what a model has said."""
        words = str(self._asked("q"))
        return bool(words and number_of(words) not in self.held) or self.ordering.nullable

    @property
    def held_before(self) -> QuerySet[Incident] | None:
        """Those of `held` in any state, before any filter that counts its values; None where there are none."""
        return self._before.filter(pk__in=self.held) if self.held else None

    @property
    def held_after(self) -> QuerySet[Incident] | None:
        """Those of `held` in any state that the filters leave; None where there are none."""
        return self.qs.filter(pk__in=self.held) if self.held else None

    @property
    def in_tab(self) -> QuerySet[Incident]:
        """The reports of the tab in the order that is asked for, else the first to review or the newest first."""
        return self.ordering.apply(self.reports)

    @cached_property
    def uncounted(self) -> QuerySet[Incident]:
        """The reports of the tab before any filter that counts its values."""
        return listed(self._before, self.states, (), tells=False)

    @cached_property
    def _before(self) -> IncidentQuerySet:
        rows: IncidentQuerySet = self.queryset.all()
        if twins := self._asked("twins"):
            rows = rows.filter(twins=twins)
        if look := self._asked("look"):
            rows = self.after_step(rows, "look", look)
        return self.search(rows, "q", "") if self._asked("q") else rows

    @property
    def uncounted_key(self) -> tuple[object, ...]:
        """Names `uncounted`, as long as the day lasts."""
        return (self.tab, self._asked("twins"), self._asked("look"), self._asked("q"), day_of("today"))

    @property
    def key(self) -> tuple[object, ...]:
        """Names `qs`, as long as the day lasts."""
        filters = {name: value for name, value in self.params.items() if name not in {"status", "order", "unfold"}}
        return (urlencode(filters | {"assignee": str(self.chosen.get("assignee", ""))}), day_of("today"))

    @property
    def chosen(self) -> dict[str, Any]:
        """The values chosen of the filters that count, as the columns hold them."""
        asked = {name: self._asked(name) for name in ("category", "model", "source", "age")}
        chosen: dict[str, Any] = {name: str(value) for name, value in asked.items() if value}
        chosen |= {name: int(band) for name in ("confidence", "anomaly") if (band := self._asked(name))}
        if self._asked("unsure"):
            chosen["unsure"] = True
        if who := self._asked("assignee"):
            chosen["assignee"] = self._person(who)
        return chosen

    @cached_property
    def params(self) -> dict[str, str]:
        """What the address asks for as far as it was understood, and the tab, without a page."""
        asked = {name: str(self._asked(name) or "") for name in self.filters}
        return {name: value for name, value in asked.items() if value} | {"status": self.tab}

    @cached_property
    def query(self) -> str:
        return urlencode(self.params)

    @cached_property
    def review_query(self) -> str:
        """`query` for the review: its pages need not know who "me" was."""
        me = {"assignee": self.user.get_username()} if self.user and self._asked("assignee") == ME else {}
        return urlencode(self.params | me)

    def place(self, name: str) -> Place | None:
        """Where the page that is asked for begins; None for the first, or where the address is wrong."""
        text = str(self.data.get(name, ""))
        try:
            return Place.parse(text, self.ordering) if text else None
        except ValidationError as error:
            self.form.add_error(None, error)
            return None

    @property
    def problems(self) -> list[str]:
        """One sentence for each thing in the address that was not understood."""
        return [str(sentence) for sentences in self.form.errors.values() for sentence in sentences]

    def _asked(self, name: str) -> Any:
        """A checked value; the empty string where there is none, or none that is understood."""
        if not self.form.is_valid() and name not in self.form.cleaned_data:
            return ""
        value = self.form.cleaned_data.get(name)
        return value if value is not None else ""

    def _person(self, name: str) -> int | None:
        if name == NOBODY:
            return None
        if name == ME:
            return self.user.pk if self.user else 0
        return User.objects.filter(username=name).values_list("pk", flat=True).first()

    @property
    def finds_too_much(self) -> bool:
        """Whether more reports have the words than are looked through."""
        return bool(self._asked("q")) and len(self._found) >= MOST_FOUND

    def search(self, rows: IncidentQuerySet, name: str, value: str) -> IncidentQuerySet:
        return rows.numbered(self._found)

    @cached_property
    def _found(self) -> list[int]:
        return ids_of(self._asked("q"), every=self.every)

    def in_category(self, rows: IncidentQuerySet, name: str, value: Category) -> IncidentQuerySet:
        return rows.in_category(value.name)

    def after_step(self, rows: IncidentQuerySet, name: str, value: str) -> IncidentQuerySet:
        return to_look_at(rows, TaxonomyStep.objects.get(pk=value))

    def of_age(self, rows: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        return (
            rows.filter(created_at__lt=day_of("month"))
            if value == OLDER
            else rows.filter(created_at__gte=day_of(value))
        )

    def assigned_to(self, rows: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        # By an expression, for which there is no index: SQLite would look through all that somebody has for each row.
        person, column = self._person(value), F("assignee_id")
        held = rows.alias(whose=column if connection.vendor == "postgresql" else column + 0)
        return held.filter(whose__isnull=True) if person is None else held.filter(whose=person)

    def only_unsure(self, rows: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        return rows.filter(told_unsure__in=[True])  # SQLite finds it in the index only where it is compared

    def leave(self, rows: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        """For what chooses a list or its look, and filters nothing."""
        return rows
