"""Which models there are on each line, which one serves, and forms that ask for the next."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from classifier.forms import LineForm, TrainingForm
from classifier.models import TrainingRun
from classifier.models.version import CLASSIFY, DETECT
from classifier.services.lines import other_lines
from classifier.services.model_pages import models_page
from classifier.services.training import TrainingRefused, request_training
from events.services.threat_training import request_threat_training
from incidents.access import SignedInRequest, needs

TRAIN_URLS = {CLASSIFY: "train", DETECT: "train-detection"}  # detectors are fitted by themselves, and from their source


@require_safe
@needs("classifier.view_modelversion")
def models(request: SignedInRequest) -> HttpResponse:
    return _page(request, CLASSIFY, TrainingForm())


@require_safe
@needs("classifier.view_modelversion")
def model_line(request: SignedInRequest, line: str) -> HttpResponse:
    """The models of another line than that of the reports."""
    if not LineForm({"line": line}).is_valid():
        raise Http404
    if line == CLASSIFY:
        return redirect("models")
    return _page(request, line, TrainingForm())


@require_POST
@needs("classifier.manage_models")
def train(request: SignedInRequest) -> HttpResponse:
    """Queues a training on the decided reports; a refusal says why."""
    return _train(request, CLASSIFY, request_training)


@require_POST
@needs("classifier.manage_models")
def train_detection(request: SignedInRequest) -> HttpResponse:
    """Queues a training of the detection model; a refusal says why."""
    return _train(request, DETECT, request_threat_training)


def _train(request: SignedInRequest, line: str, ask: Callable[..., TrainingRun]) -> HttpResponse:
    form = TrainingForm(request.POST)
    if form.is_valid():
        try:
            run = ask(requested_by=request.user, **form.wanted)
        except TrainingRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, gettext("Training %(pk)s waits for a worker.") % {"pk": run.pk})
            return redirect("training-run", pk=run.pk)
    return _page(request, line, form)


def _page(request: SignedInRequest, line: str, form: TrainingForm) -> HttpResponse:
    context: dict[str, Any] = {"page": models_page(line)}
    if line in TRAIN_URLS and request.user.has_perm("classifier.manage_models"):
        context |= {"form": form, "train_url": reverse(TRAIN_URLS[line])}
    if line == CLASSIFY:
        return render(request, "classifier/models.html", context | {"lines": other_lines()})
    return render(request, "classifier/line.html", context)
