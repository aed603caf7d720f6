"""One source: what it brings, how it is set, how to send to it."""

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classifier.services.training import TrainingRefused
from events.forms.sources import NewSourceForm, SourceForm, SpanForm
from events.models import EventSource
from events.services.detector_training import request_detector
from events.services.score_history import as_json, score_history
from events.services.source_page import source_page
from events.services.sources import change_source, create_source
from incidents.access import SignedInRequest, needs

USUAL_HOURS = 1


@require_safe
@needs("events.view_events")
def source(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(EventSource, pk=pk)
    span = SpanForm({"hours": _hours(request)})
    page = source_page(found, _hours(request), timezone.now())
    site = request.build_absolute_uri("/").rstrip("/")
    return render(request, "events/source.html", {"page": page, "span": span, "site": site})


@require_safe
@needs("events.view_events")
def source_scores(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the chart draws: the same points as the table below it."""
    found = get_object_or_404(EventSource, pk=pk)
    return JsonResponse(as_json(score_history(found, _hours(request), timezone.now())))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("events.manage_sources")
def source_new(request: SignedInRequest) -> HttpResponse:
    form = NewSourceForm(request.POST or None)
    if form.is_bound and form.is_valid():
        made = create_source(form.values(), by=request.user)
        messages.success(request, gettext("Source %(name)s is there. Send it a first event.") % {"name": made.name})
        return redirect("source", pk=made.pk)
    return render(request, "events/source_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("events.manage_sources")
def source_settings(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(EventSource, pk=pk)
    form = SourceForm(request.POST or None, instance=found)
    if form.is_bound and form.is_valid():
        changed = change_source(found, form.values(), by=request.user)
        messages.success(request, gettext("Settings changed: %(len)s.") % {"len": len(changed)})
        return redirect("source", pk=pk)
    return render(request, "events/source_settings.html", {"form": form, "name": _name(pk), "pk": pk})


@require_POST
@needs("classifier.manage_models")
def source_train(request: SignedInRequest, pk: int) -> HttpResponse:
    """Queues the training of a detector; a refusal says why."""
    found = get_object_or_404(EventSource, pk=pk)
    try:
        run = request_detector(found, requested_by=request.user, reason=f"asked for by {request.user}")
    except TrainingRefused as error:
        messages.error(request, str(error))
        return redirect("source", pk=pk)
    messages.success(request, gettext("Training %(pk)s waits for a worker.") % {"pk": run.pk})
    return redirect("training-run", pk=run.pk)


def _hours(request: SignedInRequest) -> int:
    form = SpanForm(request.GET)
    if not form.is_valid():
        raise Http404
    return form.cleaned_data["hours"] or USUAL_HOURS


def _name(pk: int) -> str:
    """As it stands in the database: a form that was refused has written on the instance."""
    return EventSource.objects.values_list("name", flat=True).get(pk=pk)
