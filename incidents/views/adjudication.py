"""Disputes between two people, settled by a lead."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.access import SignedInRequest, needs
from incidents.forms.adjudication import SettlementForm
from incidents.models import SecondOpinion
from incidents.services import adjudication

PAGE_SIZE = 20


@require_safe
@needs("incidents.adjudicate")
def disputes(request: SignedInRequest) -> HttpResponse:
    page = Paginator(adjudication.disputes(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(opinion, adjudication.sides(opinion)) for opinion in page]
    context = {"page": page, "rows": rows, "settled": adjudication.settled_lately()}
    return render(request, "incidents/adjudications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.adjudicate")
def dispute(request: SignedInRequest, pk: int) -> HttpResponse:
    """Both sides without names; a POST says what stands, and goes on to the next."""
    opinion = get_object_or_404(adjudication.known(), pk=pk)
    form = SettlementForm(request.POST if request.method == "POST" else None, opinion=opinion)
    if form.is_bound and form.is_valid():
        return _settle(request, opinion, form)
    context = {"page": adjudication.dispute_page(opinion, request.user), "form": form}
    return render(request, "incidents/adjudication.html", context)


@require_POST
@needs("incidents.adjudicate")
def dispute_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    opinion = get_object_or_404(adjudication.known(), pk=pk)
    try:
        adjudication.unsettle(opinion, by=request.user)
    except adjudication.AlreadySettled:
        messages.error(request, _("Another decision stands on this report by now."))
        return redirect("disputes")
    messages.success(request, _("Report %(report)s is disputed again.") % {"report": opinion.incident})
    return redirect("dispute", pk=pk)


def _settle(request: SignedInRequest, opinion: SecondOpinion, form: SettlementForm) -> HttpResponse:
    try:
        adjudication.settle(opinion, by=request.user, **form.settlement())
    except adjudication.AlreadySettled:
        messages.error(request, _("Somebody else has settled it, or one of the two has taken their word back."))
        return redirect("disputes")
    messages.success(request, _("Report %(report)s is settled.") % {"report": opinion.incident})
    following = adjudication.disputes().first()
    return redirect("dispute", pk=following.pk) if following else redirect("disputes")
