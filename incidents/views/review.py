"""The review page: one report after the other."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.services.detection_page import evidence_of
from incidents.access import SignedInRequest, needs, not_prefetched
from incidents.forms.review import DecisionForm, ReasonForm
from incidents.models import Incident
from incidents.services import reviewing
from incidents.services.review_page import review_page


@require_GET
@not_prefetched
@needs("incidents.review_incident")
def review_next(request: SignedInRequest) -> HttpResponse:
    """Claims the next report of the queue and goes to it; not for a browser that prefetches."""
    incident = reviewing.next_report(request.user)
    if incident is None:
        return render(
            request, "incidents/review_empty.html", {"second_look": Incident.objects.awaiting_second_look().count()}
        )
    return redirect("review-report", pk=incident.pk)


@require_http_methods(["GET", "POST"])
@not_prefetched
@needs("incidents.review_incident")
def review_report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a report for decision and holds it meanwhile, not for a browser that prefetches; a POST decides it."""
    incident = get_object_or_404(Incident.objects.with_words_and_people(), pk=pk)
    if request.method == "POST":
        return _decide(request, incident)
    if not reviewing.claim(incident, request.user):
        return render(request, "incidents/review_held.html", {"incident": incident})
    return _show(request, incident)


@require_POST
@needs("incidents.review_incident")
def review_claim(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes a report by hand, also one that was decided."""
    incident = get_object_or_404(Incident, pk=pk)
    if not reviewing.reopen(incident, request.user):
        messages.error(request, f"{incident.claimed_by} holds report {incident} at the moment.")
    return redirect("review-report", pk=pk)


@require_POST
@needs("incidents.review_incident")
def review_release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Gives a held report back undecided."""
    if reviewing.release(get_object_or_404(Incident, pk=pk), request.user):
        messages.info(request, f"Report #{pk} is back where it was.")
    return redirect("queue")


@require_POST
@needs("incidents.review_incident")
def review_skip(request: SignedInRequest, pk: int) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.with_words_and_people(), pk=pk)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            return _show(request, incident, skip=form)
        reviewing.skip(incident, reviewer=request.user, reason=form.cleaned_data["reason"])
    except reviewing.ClaimLost as error:
        form.add_error(None, str(error))
        return _show(request, incident, skip=form)
    messages.success(request, f"Report {incident} waits for a second look.")
    return _go_on(request)


@require_POST
@needs("incidents.review_incident")
def review_undo(request: SignedInRequest) -> HttpResponse:
    """Takes back the person's last decision and opens that report again."""
    try:
        incident = reviewing.undo(request.user)
    except reviewing.ClaimLost as error:
        messages.error(request, str(error))
        return redirect("review")
    if incident is None:
        messages.info(request, "There is no decision of yours to undo.")
        return redirect("review")
    messages.success(request, f"Your decision on report {incident} is undone. Decide it again.")
    return redirect("review-report", pk=incident.pk)


def _decide(request: SignedInRequest, incident: Incident) -> HttpResponse:
    form = DecisionForm(request.POST, incident=incident)
    if not form.is_valid():
        return _show(request, incident, decision=form)
    try:
        label = reviewing.decide(incident, reviewer=request.user, **form.decision())
    except (reviewing.ClaimLost, ValidationError) as error:
        form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        return _show(request, incident, decision=form)
    messages.success(request, f"Report {incident}: {label.get_verdict_display().lower()}.")
    return _go_on(request)


def _go_on(request: SignedInRequest) -> HttpResponse:
    """Straight to the next report, which saves the person a round trip; past the last one to what says so."""
    following = reviewing.next_report(request.user)
    return redirect("review-report", pk=following.pk) if following else redirect("review")


def _show(
    request: SignedInRequest, incident: Incident, decision: DecisionForm | None = None, skip: ReasonForm | None = None
) -> HttpResponse:
    """The page again, with whatever was typed and why it was not taken."""
    chosen = decision.chosen_ids() if decision else None
    page = review_page(incident, request.user, chosen)
    context = {"page": page, "decision": decision, "skip": skip, "evidence": evidence_of(incident)}
    return render(request, "incidents/review.html", context)
