"""How far people agree with each other and with the model, and how long they take: for leads."""

import csv

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from config.cells import safe
from incidents.access import SignedInRequest, needs
from incidents.forms.dashboard import SpanForm
from incidents.services.adjudication import disputes
from incidents.services.agreement import agreement, times
from incidents.services.agreement_pictures import NUMBERS, box_plot, heat_map
from incidents.services.audit_slice import blind_accuracy, following


@require_safe
@needs("incidents.adjudicate")
def agreements(request: SignedInRequest) -> HttpResponse:
    form = SpanForm(request.GET)
    span = form.span
    found, taken = agreement(span), times(span)
    context = {
        "form": form,
        "span": span,
        "agreement": found,
        "heat_map": heat_map(found),
        "box_plot": box_plot(taken),
        "accuracy": blind_accuracy(span.since, span.until),
        "following": following(span.since, span.until),
        "disputed": disputes().count(),
    }
    return render(request, "incidents/agreement.html", context)


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
