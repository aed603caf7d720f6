"""Shows a report's personal data to a person for a while, and hides it again."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from incidents.access import SignedInRequest, needs
from incidents.models import Incident
from incidents.services import revealing
from incidents.views.addresses import asked_back


@require_POST
@needs(revealing.PERMISSION)
def incident_reveal(request: SignedInRequest, pk: int) -> HttpResponse:
    """For this report and this session; leaves a row in the audit log."""
    found = get_object_or_404(Incident.objects.visible_to(request.user).select_related("current_text"), pk=pk)
    revealing.reveal_for_a_while(found, request.session, by=request.user)
    return _back(request, pk)


@require_POST
@needs(revealing.PERMISSION)
def incident_conceal(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Incident.objects.visible_to(request.user), pk=pk)
    revealing.conceal(found, request.session)
    return _back(request, pk)


def _back(request: SignedInRequest, pk: int) -> HttpResponse:
    return redirect(asked_back(request) or reverse("incident", args=[pk]))
