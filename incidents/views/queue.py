"""The list of reports."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents.access import SignedInRequest, needs
from incidents.forms.queue import TABS, IncidentFilter
from incidents.models import Incident
from incidents.services.queue_page import count_by_status, counts_of, queue_rows

PAGE_SIZE = 30


@require_safe
@needs("incidents.review_incident")
def queue(request: SignedInRequest) -> HttpResponse:
    filters = IncidentFilter(request.GET, Incident.objects.with_words_and_people())
    page = Paginator(filters.in_tab, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "rows": queue_rows(list(page)),
        "tabs": counts_of(TABS, count_by_status(filters.qs)),
    }
    return render(request, "incidents/queue.html", context)
