"""One training: its progress, its end, another try."""

import csv

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from classifier.models import TrainingRun
from classifier.services.rebuild import rebuilt
from classifier.services.run_page import curve_of, run_page
from classifier.services.training import TrainingRefused, cancel_training, resume_training
from events.services.training import train_again
from incidents.access import SignedInRequest, needs


@require_safe
@needs("classifier.view_modelversion")
def training_run(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run(pk)
    context = {"run": run, "page": run_page(run), "rebuilt": rebuilt(run)}
    return render(request, "classifier/run.html", context)


@require_safe
@needs("classifier.view_modelversion")
def training_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The live part of the page; at the end of the run the whole page is asked for, with what came out of it."""
    run = _run(pk)
    if run.is_open:
        return render(request, "classifier/_run.html", {"run": run})
    return HttpResponse(status=HTMX_STOP_POLLING, headers={"HX-Refresh": "true"})


@require_safe
@needs("classifier.view_modelversion")
def training_curve(request: SignedInRequest, pk: int) -> HttpResponse:
    """The chart's part of the page, asked for again while the run goes on."""
    run = _run(pk)
    status = 200 if run.is_open else HTMX_STOP_POLLING
    return render(request, "classifier/_run_curve.html", {"run": run, "curve": curve_of(run)}, status=status)


@require_safe
@needs("classifier.view_modelversion")
def training_curve_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run(pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="training-{run.pk}.csv"'
    csv.writer(response).writerows([["step", "loss", "validation_score"], *run.history])
    return response


@require_POST
@needs("classifier.manage_models")
def training_resume(request: SignedInRequest, pk: int) -> HttpResponse:
    """Goes on with a run that failed or was cancelled, from its last checkpoint."""
    try:
        resume_training(_run(pk), by=request.user)
    except TrainingRefused as error:
        messages.error(request, str(error))
    return redirect("training-run", pk=pk)


@require_POST
@needs("classifier.manage_models")
def training_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    if cancel_training(_run(pk), by=request.user):
        messages.success(
            request, gettext("Training %(pk)s is cancelled: a running one stops at its next step.") % {"pk": pk}
        )
    else:
        messages.info(request, gettext("Training %(pk)s was over already.") % {"pk": pk})
    return redirect("training-run", pk=pk)


@require_POST
@needs("classifier.manage_models")
def training_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Starts the same training on what there is to learn from now."""
    try:
        run = train_again(_run(pk), by=request.user)
    except TrainingRefused as error:
        messages.error(request, str(error))
        return redirect("training-run", pk=pk)
    return redirect("training-run", pk=run.pk)


def _run(pk: int) -> TrainingRun:
    runs = TrainingRun.objects.select_related("requested_by", "version", "snapshot", "rebuild_of")
    return get_object_or_404(runs, pk=pk)
