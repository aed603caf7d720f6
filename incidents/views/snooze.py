"""Setting a report aside, and waking it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.access import SignedInRequest, needs
from incidents.forms.snooze import SnoozeForm
from incidents.models import Incident
from incidents.services import second_opinions, snoozing
from incidents.services.reviewing import ClaimLost
from incidents.views.addresses import asked_back


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.review_incident")
def incident_snooze(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks until when; a POST sets the report aside and goes back to the page that `back` names."""
    found = get_object_or_404(Incident.objects.not_erased().with_words_and_people(), pk=pk)
    incident = second_opinions.disguised(found, request.user)
    form = SnoozeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            snoozing.snooze(incident, by=request.user, **form.cleaned_data)
        except ClaimLost as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Report %(report)s is set aside.") % {"report": incident})
            return redirect(_back(request, incident))
    context = {"incident": incident, "form": form, "back": _back(request, incident)}
    return render(request, "incidents/snooze.html", context)


@require_POST
@needs("incidents.review_incident")
def incident_wake(request: SignedInRequest, pk: int) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.not_erased().with_words_and_people(), pk=pk)
    if snoozing.wake(incident, by=request.user):
        messages.success(request, _("Report %(report)s is back where it was.") % {"report": incident})
    else:
        messages.info(request, _("Report %(report)s was not set aside any more.") % {"report": incident})
    return redirect(_back(request, incident))


def _back(request: SignedInRequest, incident: Incident) -> str:
    """The page of this site that was asked for, else the report's own."""
    return asked_back(request) or reverse("incident", args=[incident.pk])
