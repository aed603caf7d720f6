"""Who looks after a report, who watches it, how grave it is."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.access import SignedInRequest, needs
from incidents.forms.incident import AssignForm, RejectForm, SeverityForm
from incidents.models import Incident, Label
from incidents.services import assignment, reviewing
from incidents.services.comments import watch


@require_POST
@needs("incidents.review_incident")
def incident_assign(request: SignedInRequest, pk: int) -> HttpResponse:
    """To whom the form names, to nobody, or to the person themself (`me`)."""
    found, form = (
        get_object_or_404(Incident.objects.not_erased().select_related("assignee"), pk=pk),
        AssignForm(request.POST),
    )
    if "me" in request.POST:
        assignment.assign(found, request.user, by=request.user)
    elif form.is_valid():
        assignment.assign(found, form.cleaned_data["user"], by=request.user)
    else:
        messages.error(request, _("This person may not review reports. Choose somebody else."))
        return redirect("incident", pk=pk)
    told = (
        _("%(user)s looks after report %(report)s now.")
        if found.assignee
        else _("Nobody looks after report %(report)s.")
    )
    messages.success(request, told % {"user": found.assignee, "report": found})
    return redirect("incident", pk=pk)


@require_POST
@needs("incidents.review_incident")
def incident_severity(request: SignedInRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Incident.objects.not_erased(), pk=pk), SeverityForm(request.POST)
    if form.is_valid():
        assignment.set_severity(found, form.cleaned_data["severity"], by=request.user)
        messages.success(request, _("Severity: %(severity)s.") % {"severity": found.get_severity_display()})
    else:
        messages.error(request, _("There is no such severity. Choose one of the list."))
    return redirect("incident", pk=pk)


@require_POST
@needs("incidents.review_incident")
def incident_watch(request: SignedInRequest, pk: int) -> HttpResponse:
    """Starts or, with `stop`, ends that this person hears of what happens to a report."""
    found = get_object_or_404(Incident.objects.not_erased(), pk=pk)
    if "stop" in request.POST:
        assignment.unwatch(found, request.user)
        messages.info(request, _("You no longer watch report %(report)s.") % {"report": found})
    else:
        watch(found, request.user)
        messages.success(request, _("You will hear of what happens to report %(report)s.") % {"report": found})
    return redirect("incident", pk=pk)


@require_POST
@needs("incidents.review_incident")
def incident_reject(request: SignedInRequest, pk: int) -> HttpResponse:
    """Says that it is no incident, without opening the review."""
    found, form = get_object_or_404(Incident.objects.not_erased(), pk=pk), RejectForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        if not reviewing.claim(found, request.user):
            raise reviewing.ClaimLost(_("Somebody else has taken or decided this report meanwhile."))
        reviewing.decide(found, reviewer=request.user, verdict=Label.Verdict.REJECT, paths=(), reason=reason)
        messages.success(request, _("Report %(report)s is rejected.") % {"report": found})
    except reviewing.ClaimLost as error:
        messages.error(request, str(error))
    return redirect("incident", pk=pk)
