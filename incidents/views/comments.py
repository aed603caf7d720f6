"""Comments on a report, and questions to its reporter."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.access import SignedInRequest, needs
from incidents.forms.incident import AskForm, CommentForm
from incidents.models import Incident
from incidents.services.comments import add_comment, ask_reporter
from incidents.services.reviewing import ClaimLost
from incidents.views.addresses import to_tab
from incidents.views.incident import show_incident


@require_POST
@needs("incidents.review_incident")
def incident_comment(request: SignedInRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Incident.objects.visible_to(request.user), pk=pk), CommentForm(request.POST)
    if form.is_valid():
        try:
            comment = add_comment(found, author=request.user, **form.cleaned_data)
            told = _("Your reply is on the reporter's page.") if comment.to_reporter else _("Your comment is added.")
            messages.success(request, told)
            return to_tab(pk, "comments")
        except ValidationError as error:
            form.add_error("text", error)
    return show_incident(request, pk, "comments", comment=form)


@require_POST
@needs("incidents.review_incident")
def incident_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks the reporter, and sets the report aside until the answer."""
    found, form = get_object_or_404(Incident.objects.not_erased(), pk=pk), AskForm(request.POST, prefix="ask")
    if form.is_valid():
        try:
            ask_reporter(found, author=request.user, text=form.cleaned_data["text"])
            messages.success(request, _("Report %(report)s waits for its reporter's answer.") % {"report": found})
            return redirect("incident", pk=pk)
        except (ClaimLost, ValidationError) as error:
            form.add_error("text", error if isinstance(error, ValidationError) else str(error))
    return show_incident(request, pk, ask=form)
