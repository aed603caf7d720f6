"""What the next labels buy: learning curves, class by class."""

import csv

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from classifier.services.learning import learning, request_learning
from classifier.services.learning_page import learning_page, table
from config.cells import safe
from incidents.access import SignedInRequest, needs


@require_safe
@needs("classifier.view_modelversion")
def next_labels(request: SignedInRequest) -> HttpResponse:
    return render(request, "classifier/next_labels.html", {"page": learning_page()})


@require_safe
@needs("classifier.view_modelversion")
def next_labels_state(request: SignedInRequest) -> HttpResponse:
    """How far the measuring is, asked for every 2 s while it runs."""
    found = learning()
    status = 200 if found.state and found.state.at_work else HTMX_STOP_POLLING
    return render(request, "classifier/_next_labels_state.html", {"found": found, "arrived": True}, status=status)


@require_POST
@needs("classifier.manage_models")
def next_labels_measure(request: SignedInRequest) -> HttpResponse:
    if request_learning(request.user) is None:
        messages.info(request, _("The labels are being measured already."))
    return redirect("next-labels")


@require_safe
@needs("classifier.view_modelversion")
def next_labels_csv(request: SignedInRequest) -> HttpResponse:
    disposition = 'attachment; filename="caseloop-learning-curve.csv"'
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
    csv.writer(response).writerows([safe(cell) for cell in line] for line in table(learning()))
    return response
