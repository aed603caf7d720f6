"""One report: everything for analysts, their own for reporters."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classifier.services.reading import retry_classification
from events.services.detection_page import evidence_of
from incidents.access import SignedInRequest, needs, signed_in
from incidents.forms.attachments import AttachForm
from incidents.forms.erasing import HoldForm
from incidents.forms.incident import AskForm, AssignForm, CommentForm, SeverityForm
from incidents.models import Incident
from incidents.services import revealing, second_opinions
from incidents.services.incident_page import incident_page, similar_count
from incidents.services.legal_holds import holds_on
from incidents.views.addresses import asked_back
from incidents.views.reporter import reporter_page


@require_safe
@signed_in
def incident(request: SignedInRequest, pk: int) -> HttpResponse:
    """A report that the person may not see does not exist for them."""
    if request.user.has_perm("incidents.review_incident"):
        return show_incident(request, pk)
    rows = Incident.objects.visible_to(request.user).with_words_and_people().with_decided_paths()
    return reporter_page(request, get_object_or_404(rows, pk=pk), "incidents/incident_own.html")


@require_safe
@needs("incidents.review_incident")
def incident_similar_count(request: SignedInRequest, pk: int) -> HttpResponse:
    """The figure on the tab of similar reports, fetched once the page is there: looking for them takes its time."""
    return HttpResponse(
        similar_count(get_object_or_404(Incident.objects.not_erased(), pk=pk), request.user), content_type="text/plain"
    )


@require_POST
@needs("incidents.review_incident")
def incident_classify(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks the model again, for a report whose classification failed or never came."""
    found = get_object_or_404(Incident.objects.not_erased(), pk=pk)
    retry_classification(found)
    messages.success(request, _("Report %(report)s waits for the model.") % {"report": found})
    return redirect("incident", pk=pk)


def show_incident(
    request: SignedInRequest, pk: int, tab: str = "", comment: CommentForm | None = None,
    attach: AttachForm | None = None, ask: AskForm | None = None,
) -> HttpResponse:  # fmt: skip
    """The analyst's page, with whatever was typed into a form and why it was not taken."""
    rows = Incident.objects.with_words_and_people().select_related("assignee", "merged_into", "erasure__by")
    found = second_opinions.disguised(get_object_or_404(rows.with_decided_paths(), pk=pk), request.user)
    if found.status == Incident.Status.ERASED:
        return render(request, "incidents/erased.html", {"incident": found})
    masking = revealing.disclose(found, request.session, request.user)
    context = {
        "masking": masking,
        "page": incident_page(found, request.user, tab or request.GET.get("tab", "")),
        "came_from": asked_back(request),
        "evidence": evidence_of(found),
        "comment": comment or CommentForm(),
        "attach": attach or AttachForm(),
        "ask": ask or AskForm(prefix="ask"),
        "assign": AssignForm(initial={"user": found.assignee_id}),
        "hold": HoldForm(prefix="hold"),
        "holds": holds_on(found),
        "severity": SeverityForm(initial={"severity": found.severity}),
    }
    return render(request, "incidents/incident.html", context)
