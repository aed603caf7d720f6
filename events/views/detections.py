"""Detections: what the stream found, and the evidence for it."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from events.forms.live import SourceFilterForm
from events.models import Detection
from events.services import detection_page
from incidents.access import SignedInRequest, needs

PAGE_SIZE = 30


@require_safe
@needs("events.view_events")
def detections(request: SignedInRequest) -> HttpResponse:
    form = SourceFilterForm(request.GET)
    rows = detection_page.of_source(form.source_id if form.is_valid() else None)
    tab = detection_page.tab_of(request.GET.get("status", ""))
    page = Paginator(detection_page.in_tab(rows, tab), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "tab": tab, "tabs": detection_page.tab_counts(rows), "page": page}
    return render(request, "events/detections.html", context)


@require_safe
@needs("events.view_events")
def detection(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Detection.objects.with_parts(), pk=pk)
    return render(request, "events/detection.html", {"page": detection_page.detection_page(found)})
