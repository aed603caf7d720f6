"""The form of a training, with what it would learn from."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from classifier.models import TrainingRun
from classifier.models.version import CLASSIFY, DETECT
from classifier.services.dataset_contents import DecidedReports
from classifier.services.selection import ALL, Selection
from classifier.services.training import TrainingRefused
from classifier.services.training_page import training_page
from classifier.training_forms import ReportTrainingForm, TrainingForm
from events.services.training import REQUESTS
from incidents.access import SignedInRequest, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs("classifier.manage_models")
def train(request: SignedInRequest) -> HttpResponse:
    """Asks what to train on which decided reports; a POST queues it, or says why not."""
    decided, like = DecidedReports(), _like(request, CLASSIFY)
    form = ReportTrainingForm(request.POST or None, choices=decided.choices(), like=like)
    if started := _started(request, form, CLASSIFY):
        return started
    selection = Selection.from_json(like.selection) if like else ALL
    if form.is_bound and form.is_valid():
        selection = form.selection
    page = training_page(CLASSIFY, form.plan, decided.contents(selection))
    return render(request, _template(request), {"form": form, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("classifier.manage_models")
def train_detection(request: SignedInRequest) -> HttpResponse:
    """The same for the detection model, which learns from all examples."""
    form = TrainingForm(request.POST or None, like=_like(request, DETECT))
    if started := _started(request, form, DETECT):
        return started
    return render(request, _template(request), {"form": form, "page": training_page(DETECT, form.plan)})


def _started(request: SignedInRequest, form: TrainingForm, line: str) -> HttpResponse | None:
    """The way to the run that was asked for; None where there is nothing to start, or it was refused."""
    if not form.is_bound or "preview" in request.POST or not form.is_valid():
        return None
    try:
        run = REQUESTS[line](requested_by=request.user, **form.wanted)
    except TrainingRefused as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, gettext("Training %(pk)s waits for a worker.") % {"pk": run.pk})
    return redirect("training-run", pk=run.pk)


def _like(request: SignedInRequest, line: str) -> TrainingRun | None:
    """The earlier run whose settings the form begins with."""
    number = request.GET.get("like", "")
    if not number:
        return None
    if not number.isdecimal():
        raise Http404
    return get_object_or_404(TrainingRun, pk=number, line=line)


def _template(request: SignedInRequest) -> str:
    return "classifier/_train_preview.html" if request.htmx else "classifier/train.html"
