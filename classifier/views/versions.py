"""One version: its figures, and the moves of the champion's place."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classifier.forms import ForceForm, LineForm, PromotionForm
from classifier.models import ModelVersion, Promotion
from classifier.models.version import CLASSIFY
from classifier.services.model_pages import version_page
from classifier.services.promotion import PromotionRefused, promote, rollback
from classifier.services.promotion_page import promotion_page
from classifier.services.shadow import end_shadow, set_shadow, shadow_report
from incidents.access import SignedInRequest, needs


@require_safe
@needs("classifier.view_modelversion")
def model_version(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk)
    context = {"page": version_page(version), "ask": promotion_page(version)}
    return render(request, "classifier/version.html", context | {"shadow": shadow_report(version)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("classifier.manage_models")
def model_promote(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for confirmation, with the figures beside the champion's; a POST promotes."""
    version = get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk)
    return _move(request, version, "promote", lambda reason: promote(version, by=request.user, reason=reason))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("classifier.manage_models")
def model_roll_back(request: SignedInRequest) -> HttpResponse:
    """Asks for confirmation; a POST puts the previous champion of a line back in charge."""
    form = LineForm(request.GET)
    if not form.is_valid():
        raise Http404
    line = form.cleaned_data["line"]
    version = ModelVersion.objects.select_related("snapshot").previous(line)
    if version is None:
        messages.info(request, gettext("There is no earlier version to go back to."))
        return _to_line(line)
    return _move(request, version, "roll_back", lambda reason: rollback(by=request.user, line=line, reason=reason))


@require_POST
@needs("classifier.manage_models")
def model_shadow(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lets a version score beside the one in charge."""
    return _shadow(
        request, pk, set_shadow, gettext("%(name)s scores in the shadow from the next batch on, and decides nothing.")
    )


@require_POST
@needs("classifier.manage_models")
def model_shadow_end(request: SignedInRequest, pk: int) -> HttpResponse:
    return _shadow(request, pk, end_shadow, gettext("%(name)s is a challenger again."))


def _shadow(request: SignedInRequest, pk: int, move: Callable[..., None], done: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, pk=pk)
    try:
        move(version, by=request.user)
    except PromotionRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done % {"name": version.name})
    return _to_line(version.line)


def _to_line(line: str) -> HttpResponse:
    return redirect("models") if line == CLASSIFY else redirect("model-line", line=line)


def _move(request: SignedInRequest, version: ModelVersion, name: str, move: Callable[[str], Promotion]) -> HttpResponse:
    form = PromotionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            promotion = move(form.cleaned_data["reason"])
        except PromotionRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                gettext("%(version)s is in charge. Workers take it at their next batch.")
                % {"version": promotion.version},
            )
            return _to_line(version.line)
    context = {"page": version_page(version), "form": form, "ask": promotion_page(version)}
    context["force_form"] = ForceForm()
    return render(request, f"classifier/{name}.html", context)
