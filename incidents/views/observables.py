"""The reports that share an address, a hash or a wallet."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents.access import SignedInRequest, needs
from incidents.forms.incident import ObservableForm
from incidents.models import Observable
from incidents.services.observables import reports_with
from incidents.services.second_opinions import disguise_all

PAGE_SIZE = 20


@require_safe
@needs("incidents.review_incident")
def observables(request: SignedInRequest) -> HttpResponse:
    form = ObservableForm(request.GET)
    kind, value = (form.cleaned_data["kind"], form.cleaned_data["value"]) if form.is_valid() else ("", "")
    rows = reports_with(kind, value, request.user).with_words_and_people().with_decided_paths()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = disguise_all(page, request.user)
    context = {"page": page, "value": value, "kind": dict(Observable.Kind.choices).get(kind, "")}
    return render(request, "incidents/observables.html", context)
