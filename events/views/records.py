"""One enriched record."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from events.models import Event
from events.services.record_page import record_page
from incidents.access import SignedInRequest, needs


@require_safe
@needs("events.view_events")
def record(request: SignedInRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(Event.objects.with_parts().select_related("detection"), pk=pk)
    return render(request, "events/record.html", {"page": record_page(event)})
