"""All sources, side by side."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.models import EventSource
from events.services.source_page import source_rows, totals
from incidents.access import SignedInRequest, needs


@require_safe
@needs("events.view_events")
def sources(request: SignedInRequest) -> HttpResponse:
    rows = source_rows(list(EventSource.objects.order_by("-enabled", "name")), timezone.now())
    context = {"rows": rows, "totals": totals(rows), "site": request.build_absolute_uri("/").rstrip("/")}
    return render(request, "events/sources.html", context)
