"""Parts of the review page that are fetched beside it, or asked for on it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from classifier.services.reading import latest_prediction, prediction_state, retry_classification
from classifier.services.similar import lack, similar_reports
from incidents.access import SignedInRequest, needs
from incidents.forms.review import ReviewedList
from incidents.models import Incident
from incidents.services import second_opinions
from incidents.services.bulk import Wish
from incidents.services.bulk_pages import alike
from incidents.services.guide import read_guide
from incidents.views.review import HIDDEN

AWAITED = {"queued", "running"}  # states of a prediction that end by themselves


@require_safe
@needs("incidents.review_incident")
def review_alike(request: SignedInRequest, pk: int) -> HttpResponse:
    """The decided reports most like this one with their labels, and how many undecided ones share its wording: none
    where the model's opinion is not to be seen.
    """
    incident = second_opinions.disguised(get_object_or_404(Incident.objects.not_erased(), pk=pk), request.user)
    hidden = incident.hides_prediction or bool(request.session.get(HIDDEN))
    similar = [] if hidden else similar_reports(incident, request.user, decided=True)
    context = {
        "incident": incident,
        "similar": similar,
        "hidden": hidden,
        "lack": gettext(lack(incident)) if similar is None else "",
        "alike": None if hidden else alike([pk], request.user, Wish()),
    }
    return render(request, "incidents/_review_alike.html", context)


@require_safe
@needs("incidents.review_incident")
def review_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far the prediction is: 204 while it is still awaited, else what there is now, once."""
    incident = second_opinions.disguised(get_object_or_404(Incident.objects.not_erased(), pk=pk), request.user)
    state = "" if incident.hides_prediction else prediction_state(incident, latest_prediction(incident))
    if state in AWAITED:
        return HttpResponse(status=204)
    context = {"incident": incident, "state": state, "arrived": True, "listed": ReviewedList.of(request.GET)}
    return render(request, "incidents/_review_state.html", context, status=HTMX_STOP_POLLING)


@require_POST
@needs("incidents.review_incident")
def review_classify(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks the model (again), and stays on the page."""
    retry_classification(get_object_or_404(Incident.objects.not_erased(), pk=pk))
    return redirect(reverse("review-report", args=[pk]) + ReviewedList.of(request.GET).suffix)


@require_POST
@needs("incidents.review_incident")
def review_suggestions(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hides the model's opinion from this person, or shows it again, until they change that."""
    request.session[HIDDEN] = not request.session.get(HIDDEN)
    return redirect(reverse("review-report", args=[pk]) + ReviewedList.of(request.GET).suffix)


@require_safe
@needs("incidents.review_incident")
def review_guide(request: SignedInRequest) -> HttpResponse:
    """The guide of labels, for the panel on the review page."""
    return render(request, "incidents/_review_guide.html", {"chapters": read_guide()})
