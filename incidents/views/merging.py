"""Joining a report to another one about the same thing, answering an offer, and taking them apart."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.access import SignedInRequest, needs
from incidents.forms.alike import AnswerForm, MergeForm
from incidents.models import Incident
from incidents.services import alike
from incidents.services.merging import MergeRefused, merged_reports
from incidents.services.reviewing import ClaimLost
from incidents.views.addresses import asked_back


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.review_incident")
def merge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for the other report, with those that look like this one; a POST joins them."""
    incident = get_object_or_404(
        Incident.objects.not_erased().with_words_and_people().select_related("merged_into"), pk=pk
    )
    form = MergeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _joined(request, incident, form.cleaned_data["into"])
        except (MergeRefused, ClaimLost) as error:
            form.add_error("into", str(error))
    context = {"incident": incident, "form": form, "candidates": alike.candidates(incident, request.user)}
    return render(request, "incidents/merge.html", context | {"merged": merged_reports(incident)})


@require_POST
@needs("incidents.review_incident")
def unmerge(request: SignedInRequest, pk: int) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.not_erased(), pk=pk)
    try:
        alike.part(incident, by=request.user)
        messages.success(request, _("Report %(report)s stands for itself again.") % {"report": incident})
    except MergeRefused as error:
        messages.error(request, str(error))
    return redirect("incident", pk=pk)


@require_safe
@needs("incidents.review_incident")
def alike_offer(request: SignedInRequest, pk: int) -> HttpResponse:
    """A part of a page: the open report that this one looks like, with a question; empty where there is none."""
    incident = get_object_or_404(Incident.objects.not_erased().select_related("current_text"), pk=pk)
    context = {"incident": incident, "offer": alike.offer(incident, request.user), "back": asked_back(request)}
    return render(request, "incidents/_alike_offer.html", context)


@require_POST
@needs("incidents.review_incident")
def alike_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whether it is about the same: yes joins the two, no is not asked again. Goes on to the page that `back` names."""
    incident, form = (
        get_object_or_404(Incident.objects.not_erased().select_related("current_text"), pk=pk),
        AnswerForm(request.POST),
    )
    if not form.is_valid():
        messages.error(request, _("This answer could not be read. Reload the page."))
        return redirect("incident", pk=pk)
    if form.cleaned_data["same"] == "yes":
        try:
            return _joined(request, incident, form.cleaned_data["into"])
        except (MergeRefused, ClaimLost) as error:
            messages.error(request, str(error))
            return _onwards(request, incident)
    alike.keep_apart(incident, form.cleaned_data["into"], by=request.user)
    if request.htmx:
        return render(request, "incidents/_alike_offer.html", {"incident": incident, "answered": True})
    return _onwards(request, incident)


def _joined(request: SignedInRequest, incident: Incident, into: Incident) -> HttpResponse:
    """To the page of the joined report, where it can be taken back, unless another is asked for."""
    alike.join(incident, into, by=request.user)
    said = {"report": incident, "head": incident.merged_into}
    messages.success(request, _("Report %(report)s is joined to report %(head)s.") % said)
    return _onwards(request, incident)


def _onwards(request: SignedInRequest, incident: Incident) -> HttpResponse:
    return redirect(asked_back(request) or reverse("incident", args=[incident.pk]))
