"""The reports that share an address, a hash or a wallet."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.access import SignedInRequest, needs
from incidents.forms.incident import ObservableForm
from incidents.models import Incident
from incidents.services.observables import named, reports_with, request_observables
from incidents.services.second_opinions import disguise_all
from workers.models import Job

PAGE_SIZE = 20


@require_safe
@needs("incidents.review_incident")
def observables(request: SignedInRequest) -> HttpResponse:
    form = ObservableForm(request.GET)
    found = named(**form.cleaned_data, user=request.user) if form.is_valid() else None
    kind, value = (found.kind, found.value) if found else ("", "")
    rows = reports_with(kind, value, request.user).with_words_and_people().with_decided_paths()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = disguise_all(page, request.user)
    context = {"page": page, "value": found.told if found else "", "kind": found.get_kind_display() if found else ""}
    return render(request, "incidents/observables.html", context)


@require_POST
@needs("incidents.review_incident")
def look_through(request: SignedInRequest, pk: int) -> HttpResponse:
    """Has a text looked through of which that failed or was never asked for."""
    found = get_object_or_404(Incident.objects.not_erased(), pk=pk)
    request_observables(found.pk, priority=Job.Priority.WEB)
    messages.success(request, _("The text of report %(report)s is being looked through.") % {"report": found})
    return redirect("incident", pk=pk)
