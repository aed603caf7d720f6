"""Entities: users, addresses, hosts."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.forms.live import EntitySearchForm
from events.forms.sources import SpanForm
from events.models import Entity
from events.services.entity_page import SPANS, entity_page, search_entities
from incidents.access import SignedInRequest, needs

PAGE_SIZE = 30
USUAL_HOURS = 24


@require_safe
@needs("events.view_events")
def entities(request: SignedInRequest) -> HttpResponse:
    form = EntitySearchForm(request.GET)
    rows = search_entities(form.cleaned_data["q"], form.source_id) if form.is_valid() else Entity.objects.none()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "events/entities.html", {"form": form, "page": page})


@require_safe
@needs("events.view_events")
def entity(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Entity.objects.select_related("source"), pk=pk)
    form = SpanForm(request.GET)
    hours = form.cleaned_data["hours"] or USUAL_HOURS if form.is_valid() else 0
    if hours not in SPANS:
        raise Http404
    return render(request, "events/entity.html", {"page": entity_page(found, hours, timezone.now()), "spans": SPANS})
