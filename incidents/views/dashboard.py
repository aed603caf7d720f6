"""The dashboard: its page, each picture by itself, and the numbers of each."""

import csv
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from config.cells import safe
from incidents.access import SignedInRequest, needs
from incidents.forms.dashboard import SpanForm
from incidents.services.dashboard import PICTURES, Entry

FIRST = "flow"  # on the page itself; the others are fetched by it, each in a request of its own


def of_a_picture(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Finds the picture and its days; days that cannot be shown lead to the page, which says why."""

    @wraps(view)
    def found(request: SignedInRequest, name: str) -> HttpResponse:
        if name not in PICTURES:
            raise Http404
        form = SpanForm(request.GET)
        if not form.is_valid():
            return redirect(f"{reverse('dashboard')}?{request.GET.urlencode()}")
        return view(request, PICTURES[name], form)

    return found


@require_safe
@needs("incidents.review_incident")
def dashboard(request: SignedInRequest) -> HttpResponse:
    form = SpanForm(request.GET)
    later = [entry for entry in PICTURES.values() if entry.name != FIRST]
    context = _shown(PICTURES[FIRST], form, request) | {"later": later}
    return render(request, "incidents/dashboard.html", context)


@require_safe
@needs("incidents.review_incident")
@of_a_picture
def picture(request: SignedInRequest, entry: Entry, form: SpanForm) -> HttpResponse:
    """A part of the page for the script, a page of its own without."""
    template = "incidents/_dashboard_picture.html" if request.htmx else "incidents/dashboard_picture.html"
    return render(request, template, _shown(entry, form, request))


@require_safe
@needs("incidents.review_incident")
@of_a_picture
def numbers(request: SignedInRequest, entry: Entry, form: SpanForm) -> HttpResponse:
    """The numbers of a picture as CSV: raw, times in seconds, shares from 0 to 1."""
    span, drawn = form.span, entry.draw(form.span, request.user)
    name = f"caseloop-{entry.name}-{span.first}-{span.last}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    lines = csv.writer(response)
    lines.writerow([safe(str(column.name)) for column in drawn.columns])
    lines.writerows([safe(cell) if isinstance(cell, str) else cell for cell in row] for row in drawn.rows)
    return response


def _shown(entry: Entry, form: SpanForm, request: SignedInRequest) -> dict[str, Any]:
    return {"entry": entry, "form": form, "span": form.span, "picture": entry.draw(form.span, request.user)}
