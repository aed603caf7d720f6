"""Filters, suppressions and detection rules."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.forms.filters import FilterForm, MoveForm
from events.models import Filter
from events.services import filter_changes, filter_dry_run, filter_pages
from events.services.filter_drafts import FilterRefused
from events.stream.sigma import InvalidRule, UnsupportedRule
from incidents.access import SignedInRequest, needs

PAGE_SIZE = 100


@require_safe
@needs("events.view_events")
def filters(request: SignedInRequest) -> HttpResponse:
    tab = filter_pages.tab_of(request.GET.get("show", ""))
    page = Paginator(filter_pages.filters_in(tab), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"tab": tab, "tabs": filter_pages.tabs(), "page": page, "cards": filter_pages.filter_cards(list(page))}
    return render(request, "events/filters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("events.manage_filters")
def filter_new(request: SignedInRequest) -> HttpResponse:
    form = FilterForm(request.POST or None)
    if form.is_bound and form.is_valid():
        row = filter_changes.create_filter(form.cleaned_data["draft"], by=request.user)
        messages.success(request, gettext("Written, and off. Try it on the last hour before you enable it."))
        return redirect("filter", pk=row.pk)
    return render(request, "events/filter_new.html", {"form": form})


@require_safe
@needs("events.view_events")
def filter_page(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Filter.objects.select_related("source", "owner"), pk=pk)
    return _page(request, row, FilterForm(row=row))


@require_POST
@needs("events.manage_filters")
def filter_change(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Filter.objects.select_related("source", "owner"), pk=pk)
    was_on, form = row.enabled, FilterForm(request.POST, row=row)
    if not form.is_valid():
        return _page(request, row, form)
    row = filter_changes.change_filter(row, form.cleaned_data["draft"], by=request.user)
    off = (
        " Its condition is another one now, so it is off until you have tried it." if was_on and not row.enabled else ""
    )
    messages.success(request, gettext("Saved.%(off)s") % {"off": off})
    return redirect("filter", pk=pk)


@require_POST
@needs("events.manage_filters")
def filter_try(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Filter.objects.select_related("source"), pk=pk)
    try:
        filter_dry_run.dry_run(row)
    except (InvalidRule, UnsupportedRule) as error:
        messages.error(request, str(error))
    return redirect("filter", pk=pk)


@require_POST
@needs("events.manage_filters")
def filter_enable(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Filter, pk=pk)
    try:
        filter_changes.enable_filter(row, by=request.user)
    except FilterRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("In force: %(row)s.") % {"row": row})
    return redirect("filter", pk=pk)


@require_POST
@needs("events.manage_filters")
def filter_disable(request: SignedInRequest, pk: int) -> HttpResponse:
    row = filter_changes.disable_filter(get_object_or_404(Filter, pk=pk), by=request.user)
    messages.success(request, gettext("Off: %(row)s.") % {"row": row})
    return redirect("filter", pk=pk)


@require_POST
@needs("events.manage_filters")
def filter_move(request: SignedInRequest, pk: int) -> HttpResponse:
    row, form = get_object_or_404(Filter, pk=pk), MoveForm(request.POST)
    if form.is_valid():
        filter_changes.move_filter(row, form.cleaned_data["step"], by=request.user)
    return redirect("filters") if form.cleaned_data.get("back") else redirect("filter", pk=pk)


@require_POST
@needs("events.manage_filters")
def filter_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Filter, pk=pk)
    filter_changes.delete_filter(row, by=request.user)
    messages.success(request, gettext("Deleted: %(row)s.") % {"row": row})
    return redirect("filters")


def _page(request: SignedInRequest, row: Filter, form: FilterForm) -> HttpResponse:
    context = {
        "card": filter_pages.filter_card(row),
        "trial": filter_pages.trial_of(row),
        "history": filter_pages.history_of(row),
        "form": form,
    }
    return render(request, "events/filter.html", context)
