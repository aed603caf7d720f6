"""Erasing: what was erased, what would be, and how far the work is."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from events.services.erasing import ErasureRefused, request_erasure
from events.services.erasing_page import ErasureState, erasures_newest_first, state_of
from events.services.erasing_preview import preview, wanted_by
from incidents.access import SignedInRequest, needs
from incidents.forms.erasing import EraseForm, LookUpForm
from incidents.models import Erasure

PAGE_SIZE = 30
ERASE = "incidents.erase_reports"


@require_safe
@needs(ERASE)
def erasures(request: SignedInRequest) -> HttpResponse:
    page = Paginator(erasures_newest_first(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "incidents/erasures.html", {"page": page, "form": LookUpForm()})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ERASE)
def erasure_new(request: SignedInRequest) -> HttpResponse:
    """Tells what it would touch; a POST with the phrase typed asks for it."""
    asked = LookUpForm(request.POST or request.GET)
    if not asked.is_valid():
        return render(request, "incidents/erasure_new.html", {"form": asked})
    try:
        found = preview(wanted_by(asked.cleaned_data["what"]))
        form = EraseForm(request.POST or None, initial=asked.cleaned_data, phrase=found.phrase)
        if request.method == "POST" and form.is_valid():
            done = request_erasure(
                found.wanted.ids, reason=form.cleaned_data["reason"], by=request.user, account=found.wanted.account
            )
            return redirect("erasure", pk=done.pk)
    except ErasureRefused as error:
        asked.add_error("what", str(error))
        return render(request, "incidents/erasure_new.html", {"form": asked})
    return render(request, "incidents/erasure_new.html", {"preview": found, "erase": form})


@require_safe
@needs(ERASE)
def erasure(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "incidents/erasure.html", {"state": _state(pk)})


@require_safe
@needs(ERASE)
def erasure_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far it is, asked for every 2 s; at the end the whole page is."""
    state = _state(pk)
    if state.is_at_work:
        return render(request, "incidents/_erasure_state.html", {"state": state})
    return HttpResponse(status=HTMX_STOP_POLLING, headers={"HX-Refresh": "true"})


def _state(pk: int) -> ErasureState:
    return state_of(get_object_or_404(Erasure.objects.select_related("by", "account"), pk=pk))
