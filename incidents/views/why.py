"""The part of a report's pages that says which words carried a label."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from django_htmx.http import HTMX_STOP_POLLING

from classifier.models import Prediction
from classifier.services.explanations import ask, known
from classifier.services.reading import latest_prediction
from incidents.access import SignedInRequest, needs
from incidents.forms.why import WhyForm
from incidents.models import Incident
from incidents.services import revealing, second_opinions
from incidents.services.why import Why, why
from workers.models import Job


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.review_incident")
def incident_why(request: SignedInRequest, pk: int) -> HttpResponse:
    """A POST has the words found; a GET answers 204 until they are, so that nothing on the page moves meanwhile."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user).with_words_and_people(), pk=pk)
    incident = second_opinions.disguised(incident, request.user)
    revealing.disclose(incident, request.session, request.user)
    prediction, form = latest_prediction(incident), WhyForm(request.POST or request.GET)
    if prediction is None or incident.hides_prediction or not form.is_valid():
        raise Http404
    if request.method == "POST":
        return _ask(request, incident, prediction, form)
    found = why(prediction, known(prediction, form.cleaned_data["path"]))
    if found and found.state == "waiting":
        return HttpResponse(status=204)
    return _part(request, incident, found, HTMX_STOP_POLLING)


def _ask(request: SignedInRequest, incident: Incident, prediction: Prediction, form: WhyForm) -> HttpResponse:
    path = known(prediction, form.cleaned_data["path"])
    ask(prediction, path, priority=Job.Priority.WEB)
    if not request.htmx:
        return redirect(form.cleaned_data["back"] or "incident", pk=incident.pk)
    return _part(request, incident, why(prediction, path), 200)


def _part(request: SignedInRequest, incident: Incident, found: Why | None, status: int) -> HttpResponse:
    return render(request, "incidents/_why_answer.html", {"incident": incident, "why": found}, status=status)
