"""One verdict for many reports: preview, start, progress, cancel, take back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from incidents.access import SignedInRequest, needs
from incidents.forms.bulk import BulkForm, ExpectedForm
from incidents.models import BulkRun
from incidents.services import bulk
from incidents.services.bulk_pages import Progress, alike, preview, runs

PAGE_SIZE = 30


@require_safe
@needs("incidents.review_incident")
def bulk_runs(request: SignedInRequest) -> HttpResponse:
    page = Paginator(runs(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "incidents/bulk_runs.html", {"page": page, "rows": [Progress(run) for run in page]})


@require_safe
@needs("incidents.review_incident")
def bulk_new(request: SignedInRequest) -> HttpResponse:
    """What would be decided; nothing is, until the button is pressed."""
    form = BulkForm(request.GET)
    if not form.is_valid() and not form.knows_reports:
        messages.error(
            request, " ".join(map(str, form.non_field_errors())) or _("It is not clear which reports are meant.")
        )
        return redirect("queue")
    return _show(request, form)


@require_POST
@needs("incidents.review_incident")
def bulk_start(request: SignedInRequest) -> HttpResponse:
    """Starts what was previewed; where there is more to decide by now than that, it is shown again first."""
    form, expected = BulkForm(request.POST), ExpectedForm(request.POST)
    if not form.is_valid() or not expected.is_valid():
        return _show(request, form) if form.knows_reports else redirect("queue")
    rows, wish, most = form.rows(request.user), form.wish(), expected.cleaned_data["expected"]
    if most is not None and bulk.decidable(rows, request.user, wish).count() > most:
        messages.warning(request, _("More reports have come since the preview. Look at it once more."))
        return _show(request, form)
    try:
        run = bulk.start(rows, wish, by=request.user, query=form.cleaned_data["query"])
    except bulk.BulkRefused as error:
        messages.error(request, str(error))
        return _show(request, form)
    return redirect("bulk-run", pk=run.pk)


@require_safe
@needs("incidents.review_incident")
def bulk_run(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "incidents/bulk_run.html", _context(pk, request))


@require_safe
@needs("incidents.review_incident")
def bulk_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The live part of the page; at the end of the run the whole page is asked for."""
    context = _context(pk, request)
    if context["progress"].is_open:
        return render(request, "incidents/_bulk_progress.html", context)
    return HttpResponse(status=HTMX_STOP_POLLING, headers={"HX-Refresh": "true"})


@require_POST
@needs("incidents.review_incident")
def bulk_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    try:
        if bulk.cancel(get_object_or_404(BulkRun, pk=pk), by=request.user):
            messages.success(request, _("The run stops. What it has decided until then stands."))
        else:
            messages.info(request, _("The run was over already."))
    except bulk.BulkRefused as error:
        messages.error(request, str(error))
    return redirect("bulk-run", pk=pk)


@require_POST
@needs("incidents.review_incident")
def bulk_revert(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes the whole run back."""
    run = get_object_or_404(BulkRun, pk=pk)
    try:
        bulk.revert(run, by=request.user)
    except bulk.BulkRefused as error:
        messages.error(request, str(error))
    else:
        words = ngettext("%(n)s decision is being undone.", "%(n)s decisions are being undone.", run.decided)
        messages.success(request, words % {"n": run.decided})
    return redirect("bulk-run", pk=pk)


def _show(request: SignedInRequest, form: BulkForm) -> HttpResponse:
    shown: dict[str, Any] = {"preview": None}
    if form.is_valid():
        user, wish = request.user, form.wish()
        shown["preview"] = preview(form.rows(user), wish, user, disguised=form.disguised(user))
        shown["alike"] = alike(form.ticked, user, wish)
        shown["with_alike"] = form.pairs_with(shown["alike"].twins)
    return render(request, "incidents/bulk_new.html", {"form": form, **shown})


def _context(pk: int, request: SignedInRequest) -> dict[str, Any]:
    run = get_object_or_404(runs(), pk=pk)
    return {"progress": Progress(run), "job": bulk.job_of(run), "may_end": bulk.may_end(run, request.user)}
