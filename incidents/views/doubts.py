"""The labels that a model trained without them speaks against."""

import csv

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from classifier.models import Doubt
from classifier.services.doubts import request_doubts
from config.cells import safe
from incidents.access import SignedInRequest, needs, not_prefetched
from incidents.forms.doubts import ASK_AGAIN, CHANGE, KEEP, DoubtFilter, DoubtForm
from incidents.services import doubts_page
from incidents.services.doubts_page import Settled, ask_again, keep, open_for_review, take_suggestion
from incidents.services.reviewing import ClaimLost

PAGE_SIZE = 20


@require_safe
@needs("incidents.review_incident")
def doubts(request: SignedInRequest) -> HttpResponse:
    state = DoubtFilter(request.GET).chosen
    page = Paginator(doubts_page.doubts(state, request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "state": state,
        "counts": doubts_page.counts(),
        "latest": doubts_page.latest_run(),
        "page": page,
        "rows": doubts_page.rows_of(page),
    }
    return render(request, "incidents/doubts.html", context)


@require_safe
@needs("incidents.review_incident")
def doubts_state(request: SignedInRequest) -> HttpResponse:
    """How far the search for doubts is, asked for every 2 s while it runs."""
    latest = doubts_page.latest_run()
    status = 200 if latest and latest.state.at_work else HTMX_STOP_POLLING
    return render(request, "incidents/_doubt_state.html", {"latest": latest, "arrived": True}, status=status)


@require_POST
@needs("incidents.review_incident")
def doubts_find(request: SignedInRequest) -> HttpResponse:
    if request_doubts(request.user) is None:
        messages.info(request, _("The labels are being looked at already."))
    return redirect("doubts")


@require_safe
@not_prefetched
@needs("incidents.review_incident")
def doubts_csv(request: SignedInRequest) -> HttpResponse:
    """The doubts of one state, without a word of the reports."""
    state = DoubtFilter(request.GET).chosen
    disposition = f'attachment; filename="caseloop-doubts-{state}.csv"'
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
    csv.writer(response).writerows([safe(cell) for cell in line] for line in doubts_page.table(state, request.user))
    return response


@require_POST
@needs("incidents.review_incident")
def doubt_settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keeps the label, changes it to the suggestion, opens the report for review, or takes a keeping back."""
    doubt, form = get_object_or_404(Doubt.objects.select_related("incident"), pk=pk), DoubtForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such button. Reload the page."))
        return redirect("doubts")
    try:
        return _settled(request, doubt, form.cleaned_data["action"])
    except (Settled, ClaimLost) as error:
        messages.error(request, str(error))
    return redirect("doubts")


def _settled(request: SignedInRequest, doubt: Doubt, action: str) -> HttpResponse:
    report = {"report": doubt.incident}
    if action == KEEP:
        keep(doubt, by=request.user)
        messages.success(request, _("The label of report %(report)s stays, and is not doubted again.") % report)
    elif action == ASK_AGAIN:
        ask_again(doubt, by=request.user)
        messages.success(request, _("The label of report %(report)s is doubted again.") % report)
    elif action == CHANGE:
        take_suggestion(doubt, by=request.user)
        messages.success(request, _("Report %(report)s is decided anew, as suggested.") % report)
    else:
        open_for_review(doubt, by=request.user)  # the page of the review says why
        return redirect("review-report", pk=doubt.incident_id)
    return redirect("doubts")
