"""One training: its progress, its end, another try."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from classifier.models import TrainingRun
from classifier.services.dataset_contents import Contents, in_words
from classifier.services.lines import line_named
from classifier.services.training import TrainingRefused, cancel_training
from events.services.training import train_again
from incidents.access import SignedInRequest, needs


@require_safe
@needs("classifier.view_modelversion")
def training_run(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run(pk)
    left_out = in_words(Contents.from_json(run.contents).parts)
    return render(request, "classifier/run.html", {"run": run, "line": line_named(run.line), "left_out": left_out})


@require_safe
@needs("classifier.view_modelversion")
def training_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The live part of the page; at the end of the run the whole page is asked for, with what came out of it."""
    run = _run(pk)
    if run.is_open:
        return render(request, "classifier/_run.html", {"run": run})
    return HttpResponse(status=HTMX_STOP_POLLING, headers={"HX-Refresh": "true"})


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
    return get_object_or_404(TrainingRun.objects.select_related("requested_by", "version", "snapshot"), pk=pk)
