"""One report: everything for analysts, their own for reporters."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from classifier.services.reading import retry_classification
from events.services.detection_page import evidence_of
from incidents.access import SignedInRequest, needs, signed_in
from incidents.models import Incident
from incidents.services import second_opinions
from incidents.services.incident_page import incident_page


@require_safe
@signed_in
def incident(request: SignedInRequest, pk: int) -> HttpResponse:
    """A report that the person may not see does not exist for them."""
    rows = Incident.objects.visible_to(request.user).with_words_and_people().with_decided_paths()
    found = get_object_or_404(rows, pk=pk)
    if not request.user.has_perm("incidents.review_incident"):
        return render(request, "incidents/incident_own.html", {"incident": found})
    found = second_opinions.disguised(found, request.user)
    context = {"page": incident_page(found, request.user), "evidence": evidence_of(found)}
    return render(request, "incidents/incident.html", context)


@require_POST
@needs("incidents.review_incident")
def incident_classify(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks the model again, for a report whose classification failed or never came."""
    found = get_object_or_404(Incident, pk=pk)
    retry_classification(found)
    messages.success(request, f"Report {found} waits for the model.")
    return redirect("incident", pk=pk)
