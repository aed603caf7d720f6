"""The list of reports."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents.access import SignedInRequest, needs
from incidents.forms.queue import TABS, IncidentFilter
from incidents.models import Incident, SavedView
from incidents.services.disguised_counts import cube_for, states_for
from incidents.services.facet_cube import count_by_status, cube_of
from incidents.services.facets import facets
from incidents.services.progress import progress
from incidents.services.queue_order import ORDERS
from incidents.services.queue_page import counts_of, queue_page
from incidents.services.saved_views import default_query
from incidents.services.second_opinions import disguise_all


@require_safe
@needs("incidents.review_incident")
def queue(request: SignedInRequest) -> HttpResponse:
    """Opens with the person's default view when the address asks for nothing."""
    default = "" if request.GET else default_query(request.user)
    if default:
        return redirect(f"{reverse('queue')}?{default}")
    filters = IncidentFilter(request.GET, Incident.objects.all(), user=request.user)
    return render(request, "incidents/queue.html", _context(filters, request))


def _context(filters: IncidentFilter, request: SignedInRequest) -> dict[str, object]:
    every = cube_of(filters.uncounted, filters.uncounted_key)
    cube = cube_for(every, filters.held_before, filters.states, tells=filters.ranks)
    counted = facets(cube, filters.chosen, filters.params, request.user)
    places = {name: filters.place(name) for name in ("after", "before")}
    page = queue_page(filters.reports, filters.ordering, total=counted.total, folds=filters.folds, **places)
    if filters.held:
        disguise_all([row.incident for row in page.rows], request.user)
    states = states_for(count_by_status(filters.qs, filters.key), filters.held_after, tells=filters.tells)
    return {
        "filters": filters,
        "orders": ORDERS,
        "facets": counted,
        "page": page,
        "tabs": counts_of(TABS, states),
        "progress": progress(request.user),
        "views": SavedView.objects.offered_to(request.user).select_related("owner"),
    }
