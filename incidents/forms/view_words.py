"""What a saved view of the list shows, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.forms.queue import TABS, IncidentFilter
from incidents.models import Incident
from incidents.services.facets import AGE, ANOMALY, CONFIDENCE, LABELS, ME, NOBODY, UNSURE
from incidents.services.queue_order import ORDERS

Word = str | Promise
VALUES: Mapping[str, Mapping[str, Word]] = {
    "age": AGE,
    "assignee": {ME: _("Me"), NOBODY: _("Nobody")},
    "confidence": CONFIDENCE,
    "unsure": UNSURE,
    "anomaly": ANOMALY,
    "source": dict(Incident.Source.choices),
}


@dataclass(frozen=True)
class ViewWords:
    """Which state, (filter, value) of each filter, and the order; "me" is whoever reads it."""

    state: Word
    filters: Sequence[tuple[Word, Word]]
    order: Word
    unfolded: bool


def in_words(query: str) -> ViewWords:
    """Of an address as `IncidentFilter.query` writes it: what it names is not looked for, so no query is made."""
    asked = QueryDict(query).dict()
    filters = [
        (label, VALUES.get(name, {}).get(asked[name], asked[name])) for name, label in LABELS.items() if name in asked
    ]
    if asked.get("q"):
        filters.append((_("Words"), asked["q"]))
    if "twins" in asked:
        filters.append((_("Wording"), _("almost the same")))
    listed = IncidentFilter(QueryDict(query), Incident.objects.none())
    order = ORDERS[asked["order"]] if asked.get("order") in ORDERS else ORDERS[listed.usual_order]
    return ViewWords(TABS[listed.tab][0], filters, order.label, "unfold" in asked)
