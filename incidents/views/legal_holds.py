"""Legal hold: set on a report or on a reporter, lifted, and which there are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.access import SignedInRequest, needs
from incidents.forms.erasing import HoldForm
from incidents.models import Incident, LegalHold, User
from incidents.services import legal_holds
from incidents.services.legal_holds import HoldRefused

HOLD = "incidents.hold_reports"


@require_safe
@needs(HOLD)
def holds(request: SignedInRequest) -> HttpResponse:
    return render(request, "incidents/holds.html", {"holds": legal_holds.holds_newest_first()})


@require_POST
@needs(HOLD)
def incident_hold(request: SignedInRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Incident, pk=pk), HoldForm(request.POST, prefix="hold")
    try:
        legal_holds.hold_report(found, reason=_reason(form), by=request.user)
        messages.success(request, _("Report %(report)s is held: nothing erases it.") % {"report": found})
    except HoldRefused as error:
        messages.error(request, str(error))
    return redirect("incident", pk=pk)


@require_POST
@needs(HOLD)
def account_hold(request: SignedInRequest, pk: int) -> HttpResponse:
    """All reports of an account, also those that come later."""
    found, form = get_object_or_404(User, pk=pk), HoldForm(request.POST, prefix="hold")
    try:
        legal_holds.hold_reporter(found, reason=_reason(form), by=request.user)
        messages.success(request, _("All reports of this account are held: nothing erases them."))
    except HoldRefused as error:
        messages.error(request, str(error))
    return redirect("holds")


@require_POST
@needs(HOLD)
def hold_lift(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(LegalHold, pk=pk)
    try:
        legal_holds.lift(found, by=request.user)
        messages.success(request, _("The hold is lifted."))
    except HoldRefused as error:
        messages.error(request, str(error))
    return redirect("incident", pk=found.incident_id) if found.incident_id else redirect("holds")


def _reason(form: HoldForm) -> str:
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""
