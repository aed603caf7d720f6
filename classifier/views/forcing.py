"""Promoting although the gate refuses: one person asks, a second one agrees or does not."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from classifier.forms import AnswerForm, ForceForm
from classifier.models import ForceRequest, ModelVersion
from classifier.services.forcing import agree, ask_to_force, decline
from classifier.services.promotion import PromotionRefused
from incidents.access import SignedInRequest, needs


@require_POST
@needs("classifier.manage_models")
def model_force(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for a second person."""
    version = get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk)
    form = ForceForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        ask_to_force(version, by=request.user, reason=reason)
    except PromotionRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("A lead or another admin has to agree: it stands under Models for them."))
    return redirect("model-promote", pk=pk)


@require_POST
@needs("classifier.approve_promotion")
def force_agree(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second person agrees: the version is in charge."""
    asked, form = _open(pk), AnswerForm(request.POST)
    try:
        promotion = agree(asked, by=request.user, answer=form.cleaned_data["answer"] if form.is_valid() else "")
    except PromotionRefused as error:
        messages.error(request, str(error))
    else:
        told = gettext("%(version)s is in charge. Workers take it at their next batch.")
        messages.success(request, told % {"version": promotion.version})
    return redirect("model-version", pk=asked.version_id)


@require_POST
@needs("classifier.approve_promotion")
def force_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second person, or who asked for it, ends the request."""
    asked, form = _open(pk), AnswerForm(request.POST)
    try:
        decline(asked, by=request.user, answer=form.cleaned_data["answer"] if form.is_valid() else "")
    except PromotionRefused as error:
        messages.error(request, str(error))
    else:
        messages.info(request, gettext("The champion stays in charge."))
    return redirect("model-version", pk=asked.version_id)


def _open(pk: int) -> ForceRequest:
    return get_object_or_404(ForceRequest.objects.select_related("version", "asked_by"), pk=pk)
