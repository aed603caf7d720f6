"""One version: its figures, and the moves of the champion's place."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from classifier.forms import PromotionForm
from classifier.models import ModelVersion, Promotion
from classifier.services.model_pages import version_page
from classifier.services.promotion import PromotionRefused, promote, rollback
from incidents.access import SignedInRequest, needs


@require_safe
@needs("classifier.view_modelversion")
def model_version(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk)
    return render(request, "classifier/version.html", {"page": version_page(version)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("classifier.manage_models")
def model_promote(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for confirmation, with the figures beside the champion's; a POST promotes."""
    version = get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk)
    return _move(request, version, "promote", lambda reason: promote(version, by=request.user, reason=reason))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("classifier.manage_models")
def model_roll_back(request: SignedInRequest) -> HttpResponse:
    """Asks for confirmation; a POST puts the previous champion back in charge."""
    version = ModelVersion.objects.select_related("snapshot").previous()
    if version is None:
        messages.info(request, "There is no earlier version to go back to.")
        return redirect("models")
    return _move(request, version, "roll_back", lambda reason: rollback(by=request.user, reason=reason))


def _move(request: SignedInRequest, version: ModelVersion, name: str, move: Callable[[str], Promotion]) -> HttpResponse:
    form = PromotionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            promotion = move(form.cleaned_data["reason"])
        except PromotionRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{promotion.version} is in charge. Workers take it at their next batch.")
            return redirect("models")
    return render(request, f"classifier/{name}.html", {"page": version_page(version), "form": form})
