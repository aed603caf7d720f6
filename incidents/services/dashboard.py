"""The pictures of the dashboard, by name: each a few queries of its own, shown, and given as numbers."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import User
from incidents.services.dashboard_anomalies import anomalies
from incidents.services.dashboard_flow import ages, flow
from incidents.services.dashboard_labels import labels
from incidents.services.dashboard_model import model
from incidents.services.dashboard_people import people
from incidents.services.dashboard_picture import Picture
from incidents.services.dashboard_span import Span
from incidents.services.dashboard_times import times

Draw = Callable[[Span, User], Picture]


@dataclass(frozen=True)
class Entry:
    """`lead` says what the picture shows; `template` is the part of the page that shows it; `half` stand in pairs."""

    name: str
    title: Promise
    lead: Promise
    draw: Draw
    template: str = "incidents/_dashboard_charts.html"
    half: bool = False


# In the order of the page.
PICTURES = {
    entry.name: entry
    for entry in (
        Entry(
            "flow",
            _("Filed, decided, waiting"),
            _("Reports by the day on which they came and were decided, and how many waited when it ended."),
            flow,
        ),
        Entry(
            "times",
            _("Time to triage and to resolve"),
            _("From filing until somebody takes a report up, and until it is decided, by the day when that happens."),
            times,
        ),
        Entry(
            "labels",
            _("Labels"),
            _("What the reports of this time are: as decided, else as predicted."),
            labels,
            "incidents/_dashboard_labels.html",
        ),
        Entry(
            "ages",
            _("Age of what waits"),
            _("How long ago the reports that are undecided now were filed."),
            ages,
            "incidents/_dashboard_bars.html",
            half=True,
        ),
        Entry(
            "people",
            _("People"),
            _("Decisions one by one; those in bulk are counted apart and have no time of their own."),
            people,
            "incidents/_dashboard_people.html",
            half=True,
        ),
        Entry(
            "model",
            _("The model and people"),
            _("How right it was where people decided unseen, and how much more they agree where they see it."),
            model,
            "incidents/_dashboard_model.html",
            half=True,
        ),
        Entry(
            "anomalies",
            _("Anomalies"),
            _("Reports more unusual than 99 of 100 earlier ones, and detections in the event stream."),
            anomalies,
            half=True,
        ),
    )
}  # fmt: skip
