"""Which models there are on each line, and which one serves."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from classifier.forms import LineForm
from classifier.models.version import CLASSIFY, DETECT
from classifier.services.lines import other_lines
from classifier.services.model_pages import models_page
from classifier.services.promises import broken_promises
from classifier.services.promotion_page import open_force_requests
from classifier.services.report_drift import drift_alarm_open
from incidents.access import SignedInRequest, needs

TRAIN_URLS = {CLASSIFY: "train", DETECT: "train-detection"}  # detectors are fitted by themselves, and from their source


@require_safe
@needs("classifier.view_modelversion")
def models(request: SignedInRequest) -> HttpResponse:
    return _page(request, CLASSIFY)


@require_safe
@needs("classifier.view_modelversion")
def model_line(request: SignedInRequest, line: str) -> HttpResponse:
    """The models of another line than that of the reports."""
    if not LineForm({"line": line}).is_valid():
        raise Http404
    if line == CLASSIFY:
        return redirect("models")
    return _page(request, line)


def _page(request: SignedInRequest, line: str) -> HttpResponse:
    context: dict[str, Any] = {"page": models_page(line), "force_requests": open_force_requests(line)}
    if line in TRAIN_URLS and request.user.has_perm("classifier.manage_models"):
        context["train_url"] = reverse(TRAIN_URLS[line])
    if line == CLASSIFY:
        context |= {"lines": other_lines(), "drift_alarm": drift_alarm_open(), "broken": broken_promises()}
        return render(request, "classifier/models.html", context)
    return render(request, "classifier/line.html", context)
