"""What a promotion would change."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from classifier.models import ModelVersion
from classifier.services.impact import NoImpact, ask_for_impact, groups_of, known_impact
from incidents.access import SignedInRequest, needs


@require_safe
@needs("incidents.review_incident")
def model_impact(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _version(pk)
    impact = known_impact(version)
    groups = groups_of(impact.shown, request.user) if impact.shown else []
    return render(request, "classifier/impact.html", {"version": version, "impact": impact, "groups": groups})


@require_POST
@needs("classifier.manage_models")
def model_impact_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Has it found out by a worker."""
    try:
        ask_for_impact(_version(pk), by=request.user)
    except NoImpact as error:
        messages.info(request, str(error))
    return redirect("model-impact", pk=pk)


@require_safe
@needs("incidents.review_incident")
def model_impact_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far the look is, asked for every 2 s while it runs; at its end the page is asked for as a whole."""
    version = _version(pk)
    impact = known_impact(version)
    if impact.state and impact.state.at_work:
        return render(request, "classifier/_impact_state.html", {"version": version, "impact": impact})
    return HttpResponse(status=HTMX_STOP_POLLING, headers={"HX-Refresh": "true"})


def _version(pk: int) -> ModelVersion:
    return get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk)
