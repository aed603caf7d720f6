"""Files of a report: taken from forms, sent as downloads and as nothing else."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from incidents.access import SignedInRequest, needs, signed_in
from incidents.forms.attachments import AttachForm
from incidents.models import Attachment, Incident, User
from incidents.services.attachments import attach
from incidents.views.addresses import to_tab
from incidents.views.incident import show_incident
from incidents.views.privacy import private
from incidents.views.reporter import of_token, reporter_page


@require_POST
@needs("incidents.review_incident")
def incident_attach(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Incident.objects.visible_to(request.user), pk=pk)
    form = AttachForm(request.POST, request.FILES)
    if _attached(request, form, found, request.user, from_reporter=False):
        return to_tab(pk, "attachments")
    return show_incident(request, pk, "attachments", attach=form)


@require_POST
@private
def receipt_attach(request: HttpRequest, token: str) -> HttpResponse:
    """From the reporter, who needs no account."""
    found, form = of_token(token), AttachForm(request.POST, request.FILES)
    if _attached(request, form, found, found.reporter, from_reporter=True):
        return redirect("receipt", token=token)
    return reporter_page(request, found, "incidents/receipt.html", attach=form)


@require_safe
@signed_in  # type: ignore[arg-type]  # a stream is a response too
def incident_attachment(request: SignedInRequest, pk: int, attachment: int) -> FileResponse:
    found = get_object_or_404(Incident.objects.visible_to(request.user), pk=pk)
    return _download(found.attachments.shown_to(request.user), attachment)


@require_safe
@private  # type: ignore[arg-type]  # a stream is a response too
def receipt_attachment(request: HttpRequest, token: str, attachment: int) -> FileResponse:
    return _download(of_token(token).attachments.filter(from_reporter=True), attachment)


def _attached(
    request: HttpRequest, form: AttachForm, incident: Incident, by: User | None, *, from_reporter: bool
) -> bool:
    """Keep what came with the form; where it is not taken, the form says why."""
    if not form.is_valid():
        return False
    try:
        count = len(attach(incident, form.cleaned_data["attachments"], by=by, from_reporter=from_reporter))
    except ValidationError as error:
        form.add_error("attachments", error)
        return False
    told = ngettext("%(count)d file is attached.", "%(count)d files are attached.", count)
    messages.success(request, told % {"count": count})
    return True


def _download(among: QuerySet[Attachment], pk: int) -> FileResponse:
    """Nothing of it is ever shown or run by a browser: what it is, strangers chose."""
    attachment = get_object_or_404(among, pk=pk)
    try:
        stored = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("This file is not there any more.")) from error
    response = FileResponse(stored, as_attachment=True, filename=attachment.name, content_type=attachment.content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
