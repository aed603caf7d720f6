"""How far people agree with each other and with the model, and how long they take: for leads."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from config.cells import safe
from incidents.access import SignedInRequest, needs
from incidents.forms.dashboard import SpanForm
from incidents.services.adjudication import disputes
from incidents.services.agreement import agreement, times
from incidents.services.agreement_pictures import NUMBERS, box_plot, heat_map
from incidents.services.audit_slice import blind_accuracy, following
from incidents.services.dashboard_span import Span


@dataclass(frozen=True)
class Part:
    """A card of the page; `found` gives what its template shows."""

    name: str
    title: Promise
    found: Callable[[Span], dict[str, Any]]

    @property
    def template(self) -> str:
        return f"incidents/_agreement_{self.name}.html"


def _people(span: Span) -> dict[str, Any]:
    found = agreement(span)
    return {"agreement": found, "heat_map": heat_map(found), "disputed": disputes().count()}


def _model(span: Span) -> dict[str, Any]:
    return {"accuracy": blind_accuracy(span.since, span.until), "following": following(span.since, span.until)}


# The first is on the page itself; the others are fetched by it, each in a request of its own.
PARTS = {
    part.name: part
    for part in (
        Part("people", _("Between people"), _people),
        Part("model", _("With the model"), _model),
        Part("times", _("Time per decision"), lambda span: {"box_plot": box_plot(times(span))}),
    )
}


@require_safe
@needs("incidents.adjudicate")
def agreements(request: SignedInRequest) -> HttpResponse:
    """The page, or one part of it: for the script as it is, without one as a page of its own."""
    form, asked = SpanForm(request.GET), PARTS.get(request.GET.get("part", ""))
    first, *later = [asked] if asked else PARTS.values()
    context = {"form": form, "span": form.span, "part": first, "later": later, **first.found(form.span)}
    return render(request, first.template if asked and request.htmx else "incidents/agreement.html", context)


@require_safe
@needs("incidents.adjudicate")
def agreement_numbers(request: SignedInRequest, name: str) -> HttpResponse:
    """The numbers of a picture as CSV: raw, times in seconds, shares from 0 to 1."""
    form = SpanForm(request.GET)
    if name not in NUMBERS or not form.is_valid():
        raise Http404(_("There are no such numbers."))
    header, rows = NUMBERS[name](form.span)
    file = f"caseloop-{name}-{form.span.first}-{form.span.last}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{file}"'}
    )
    lines = csv.writer(response)
    lines.writerow(header)
    lines.writerows([safe(cell) for cell in row] for row in rows)
    return response
