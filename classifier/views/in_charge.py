"""Which model was in charge when, what it said then, and every move on a line."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from classifier.forms import LineForm, MomentForm
from classifier.models import Prediction, Replay
from classifier.services.analysis_runs import state_of
from classifier.services.asking import REPLAY
from classifier.services.in_charge import ask_for_replay, at, paths_said, said_of
from classifier.services.lines import line_named
from classifier.services.move_history import Moves
from incidents.access import SignedInRequest, needs
from incidents.models import Incident
from incidents.services import second_opinions

MOVES_A_PAGE = 30


@require_safe
@needs("classifier.view_modelversion")
def model_history(request: SignedInRequest) -> HttpResponse:
    """Every move on a line, and what was refused."""
    form = LineForm(request.GET)
    if not form.is_valid():
        raise Http404
    line = form.cleaned_data["line"]
    page = Paginator(Moves(line), MOVES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "classifier/history.html", {"line": line_named(line), "page": page})


@require_safe
@needs("incidents.review_incident")
def model_at(request: SignedInRequest) -> HttpResponse:
    """Who was in charge at a moment, and what stood on a report then."""
    form = MomentForm(request.GET if "moment" in request.GET else {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"})
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        then = at(form.cleaned_data["moment"])
        context["then"] = then
        if form.cleaned_data["incident"]:
            context |= _said(request, form, then)
    return render(request, "classifier/at.html", context)


@require_POST
@needs("classifier.manage_models")
def replay_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Has a prediction made anew by the version that made it."""
    prediction = get_object_or_404(Prediction.objects.select_related("incident"), pk=pk)
    ask_for_replay(prediction, by=request.user)
    moment = timezone.localtime(prediction.created_at).isoformat()
    asked = urlencode({"moment": moment, "incident": str(prediction.incident_id)})
    return redirect(f"{reverse('model-at')}?{asked}#replay")


def _said(request: SignedInRequest, form: MomentForm, then: Any) -> dict[str, Any]:
    incident = Incident.objects.visible_to(request.user).filter(pk=form.cleaned_data["incident"]).first()
    if incident is None:
        form.add_error("incident", form.NO_REPORT)
        return {}
    if incident.hides_prediction or incident.pk in second_opinions.reports_held_by(request.user):
        form.add_error("incident", form.HIDDEN)
        return {}
    said = said_of(incident, then)
    shown = paths_said(said.prediction) if said.prediction else {}
    last = Replay.objects.filter(prediction=said.prediction).order_by("-pk").first() if said.prediction else None
    return {
        "said": said,
        "labels": [shown[pk] for pk in said.prediction.path_ids if pk in shown] if said.prediction else [],
        "replay": last,
        "replay_state": state_of(REPLAY, last) if last else None,
    }
