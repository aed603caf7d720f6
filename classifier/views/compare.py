"""Two versions side by side, and the test reports behind the figures."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from classifier.forms import CompareForm, ReportsForm
from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY
from classifier.services.behind import ReportsBehind, choices_of
from classifier.services.lines import line_named
from classifier.services.pair_runs import latest_pair_run, request_pair
from classifier.services.versus import rival
from classifier.services.versus_page import versus_page
from incidents.access import SignedInRequest, needs

VERSIONS = ModelVersion.objects.filter(line=CLASSIFY).select_related("snapshot")
PAGE_SIZE = 25


@require_safe
@needs("classifier.view_modelversion")
def model_compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leads to the comparison with the chosen version, else with the champion; says so where there is no other."""
    version = get_object_or_404(VERSIONS, pk=pk)
    form = CompareForm(request.GET)
    if not form.is_valid():
        raise Http404
    other = form.cleaned_data["other"] or rival(version)
    if other is None or other == version:
        context = {"version": version, "line": line_named(version.line)}
        return render(request, "classifier/compare_alone.html", context)
    return redirect("model-compare-with", pk=version.pk, other=other.pk)


@require_safe
@needs("classifier.view_modelversion")
def model_compare_with(request: SignedInRequest, pk: int, other: int) -> HttpResponse:
    version, second = _pair(pk, other)
    return render(request, "classifier/compare.html", {"page": versus_page(version, second)})


@require_POST
@needs("classifier.manage_models")
def model_compare_measure(request: SignedInRequest, pk: int, other: int) -> HttpResponse:
    """Has both measured on the same test reports."""
    version, second = _pair(pk, other)
    if request_pair(version, second, request.user) is None:
        messages.info(request, gettext("They are being measured already."))
    return redirect("model-compare-with", pk=pk, other=other)


@require_safe
@needs("classifier.view_modelversion")
def model_compare_state(request: SignedInRequest, pk: int, other: int) -> HttpResponse:
    """How far that is, asked for every 2 s; at the end the whole page is asked for, with what came out of it."""
    latest = latest_pair_run(*_pair(pk, other))
    if latest and latest.state.at_work:
        return render(request, "classifier/_compare_state.html", {"latest": latest, "pk": pk, "other": other})
    return HttpResponse(status=HTMX_STOP_POLLING, headers={"HX-Refresh": "true"})


@require_safe
@needs("classifier.view_modelversion")
def model_reports(request: SignedInRequest, pk: int) -> HttpResponse:
    """The test reports behind a figure or a cell of a confusion matrix."""
    version, form = get_object_or_404(VERSIONS, pk=pk), ReportsForm(request.GET)
    if not form.is_valid():
        raise Http404
    other = form.cleaned_data["other"]
    found = ReportsBehind(version, other, form.chosen, request.user)
    page = Paginator(found.positions, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"version": version, "other": other, "chosen": form.chosen, "form": form, "found": found, "page": page}
    context |= {"rows": found.rows(page.object_list), "which_choices": choices_of(version, other)}
    return render(request, "classifier/reports.html", context | {"line": line_named(version.line)})


def _pair(pk: int, other: int) -> tuple[ModelVersion, ModelVersion]:
    """Two different versions of the line that sorts reports."""
    if pk == other:
        raise Http404
    return get_object_or_404(VERSIONS, pk=pk), get_object_or_404(VERSIONS, pk=other)
