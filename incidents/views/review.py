"""The review page: one report after the other, in the order of the list that it was started from."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.services.detection_page import evidence_of
from incidents.access import SignedInRequest, needs, not_prefetched
from incidents.forms.review import AfterForm, AheadForm, DecisionForm, ReasonForm, ReviewedList
from incidents.models import BulkRun, Incident
from incidents.services import revealing, review_order, reviewing, second_opinions, undoing
from incidents.services.review_page import review_page, standing

HIDDEN = "suggestions_hidden"  # in the session: this person wants to decide without the model's opinion


@require_GET
@not_prefetched
@needs("incidents.review_incident")
def review_next(request: SignedInRequest) -> HttpResponse:
    """Claims the next report of the list and goes to it; not for a browser that prefetches."""
    listed = ReviewedList.of(request.GET)
    incident = reviewing.next_report(request.user, listed.rows, mixed=listed.mixed, again=listed.again)
    if incident is not None:
        return redirect(_address(request, "review-report", incident.pk))
    context = {"second_look": Incident.objects.awaiting_second_look().undisputed().count(), "listed": listed}
    return render(request, "incidents/review_empty.html", context)


@require_http_methods(["GET", "POST"])
@not_prefetched
@needs("incidents.review_incident")
def review_report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a report for decision and holds it meanwhile, not for a browser that prefetches; a POST decides it."""
    if request.method == "POST":
        return _decide(
            request, second_opinions.disguised(get_object_or_404(Incident.objects.not_erased(), pk=pk), request.user)
        )
    incident = _report(request, pk)
    if not reviewing.claim(incident, request.user):
        return render(request, "incidents/review_held.html", {"incident": incident, "listed": _listed(request)})
    return _show(request, incident)


@require_GET
@needs("incidents.review_incident")
def review_ahead(request: SignedInRequest) -> HttpResponse:
    """The report that comes after another one, ready to be shown; nobody holds it yet. 204 where there is none."""
    form = AfterForm(request.GET)
    listed, following = _listed(request), None
    if form.is_valid() and not listed.again:  # decided ones are taken up one by one
        following = review_order.ahead(request.user, listed.rows, form.cleaned_data["after"], mixed=listed.mixed)
    if not following:
        return HttpResponse(status=204)
    return render(request, "incidents/_review_body.html", _context(request, following))


@require_POST
@needs("incidents.review_incident")
def review_claim(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes a report by hand, also one that was decided."""
    incident = get_object_or_404(Incident.objects.not_erased(), pk=pk)
    if incident.merged_into_id:
        messages.error(
            request, _("Report %(report)s is joined to another one. Take it apart first.") % {"report": incident}
        )
        return redirect("incident", pk=pk)
    if not reviewing.reopen(incident, request.user):
        said = _("%(person)s holds report %(report)s at the moment.")
        messages.error(request, said % {"person": incident.claimed_by, "report": incident})
    return redirect(_address(request, "review-report", pk))


@require_POST
@needs("incidents.review_incident")
def review_release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Gives a held report back undecided, and returns to the list."""
    if reviewing.release(get_object_or_404(Incident.objects.not_erased(), pk=pk), request.user):
        messages.info(request, _("Report #%(number)s is back where it was.") % {"number": pk})
    return redirect(_address(request, "queue"))


@require_POST
@needs("incidents.review_incident")
def review_skip(request: SignedInRequest, pk: int) -> HttpResponse:
    incident = _report(request, pk)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            return _show(request, incident, skip=form)
        reviewing.skip(incident, reviewer=request.user, reason=form.cleaned_data["reason"])
    except reviewing.ClaimLost as error:
        form.add_error(None, str(error))
        return _show(request, incident, skip=form)
    messages.success(request, _("Report %(report)s waits for a second look.") % {"report": incident})
    return _go_on(request, incident)


@require_POST
@needs("incidents.review_incident")
def review_undo(request: SignedInRequest) -> HttpResponse:
    """Takes back what the person did last and opens that report again, for review if that is what it waits for.

    A bulk run has a page of its own for that.
    """
    try:
        undone = undoing.undo(request.user)
    except reviewing.ClaimLost as error:
        messages.error(request, str(error))
        return redirect(_address(request, "review"))
    if undone is None:
        messages.info(request, _("There is nothing of yours to undo."))
        return redirect(_address(request, "review"))
    if isinstance(undone, BulkRun):
        messages.info(request, _("What you did last was this bulk run. Here it can be taken back as a whole."))
        return redirect("bulk-run", pk=undone.pk)
    messages.success(request, _("What you did last with report %(report)s is undone.") % {"report": undone})
    if undone.claimed_by != request.user:
        return redirect("incident", pk=undone.pk)
    return redirect(_address(request, "review-report", undone.pk))


def _decide(request: SignedInRequest, incident: Incident) -> HttpResponse:
    form, blind = DecisionForm(request.POST, incident=incident), incident.hides_prediction
    if not form.is_valid():
        return _show(request, incident, decision=form)
    try:
        unseen = form.concealed and (blind or bool(request.session.get(HIDDEN)))
        label = reviewing.decide(incident, reviewer=request.user, blind=unseen, **form.decision())
    except (reviewing.ClaimLost, ValidationError) as error:
        form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        return _show(request, incident, decision=form)
    verdict = _("decided") if blind else label.get_verdict_display().lower()
    messages.success(request, _("Report %(report)s: %(verdict)s.") % {"report": incident, "verdict": verdict})
    return _go_on(request, incident)


def _go_on(request: SignedInRequest, incident: Incident) -> HttpResponse:
    """Hold the report that is on the page already and say so; else straight to the next one of the list."""
    form = AheadForm(request.POST)
    if form.is_valid():
        prepared = form.cleaned_data["ahead"]
        if reviewing.claim_prepared(request.user, prepared, form.cleaned_data["ahead_revision"]):
            return render(request, "incidents/_review_confirmed.html", {"confirmed": prepared})
        messages.warning(
            request, _("Report #%(number)s was taken or changed meanwhile. This is another.") % {"number": prepared}
        )
    listed = _listed(request)
    following = reviewing.next_report(request.user, listed.rows, incident.pk, mixed=listed.mixed, again=listed.again)
    return redirect(_address(request, "review-report", following.pk) if following else _address(request, "review"))


def _show(
    request: SignedInRequest, incident: Incident, decision: DecisionForm | None = None, skip: ReasonForm | None = None
) -> HttpResponse:
    """The page again, with whatever was typed and why it was not taken."""
    context = _context(request, incident, decision.chosen_ids() if decision else None)
    return render(request, "incidents/review.html", context | {"decision": decision, "skip": skip})


def _context(request: SignedInRequest, incident: Incident, chosen: set[int] | None = None) -> dict[str, object]:
    hidden = bool(request.session.get(HIDDEN))
    masking = revealing.disclose(incident, request.session, request.user)
    return {
        "masking": masking,
        "page": review_page(incident, request.user, chosen=chosen, hidden=hidden),
        # A form that was refused keeps it: sent again as it is, it decides nothing over another's decision.
        "stood": request.POST.get("stood") if request.method == "POST" else incident.current_label_id,
        "standing": standing(request.user),
        "listed": _listed(request),
        "evidence": evidence_of(incident),
    }


def _report(request: SignedInRequest, pk: int) -> Incident:
    """As this person may see it: one that they give a second opinion on looks like any other."""
    incident = get_object_or_404(Incident.objects.not_erased().with_words_and_people(), pk=pk)
    return second_opinions.disguised(incident, request.user)


def _listed(request: SignedInRequest) -> ReviewedList:
    return ReviewedList.of(request.GET)


def _address(request: SignedInRequest, name: str, *numbers: int) -> str:
    """An address of the review, or of its list, that keeps the list's filter and order."""
    return reverse(name, args=numbers) + _listed(request).suffix
