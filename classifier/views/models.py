"""Which models there are, which one serves, and a form that asks for the next."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from classifier.forms import TrainingForm
from classifier.services.model_pages import models_page
from classifier.services.training import TrainingRefused, request_training
from incidents.access import SignedInRequest, needs


@require_safe
@needs("classifier.view_modelversion")
def models(request: SignedInRequest) -> HttpResponse:
    return render(request, "classifier/models.html", {"page": models_page(), "form": TrainingForm()})


@require_POST
@needs("classifier.manage_models")
def train(request: SignedInRequest) -> HttpResponse:
    """Queues a training; a refusal says why."""
    form = TrainingForm(request.POST)
    if form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("base_model", "force", "promote_if_better")}
        try:
            run = request_training(requested_by=request.user, **wanted)
        except TrainingRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Training {run.pk} waits for a worker.")
            return redirect("training-run", pk=run.pk)
    return render(request, "classifier/models.html", {"page": models_page(), "form": form})
