"""Look-up tables: added, switched, removed by an admin."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from events.forms.lookups import LookupForm, SwitchForm
from events.models import LookupTable
from events.services.lookups import add_table, listed, remove_table, switch_table
from incidents.access import SignedInRequest, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs("events.manage_sources")
def lookups(request: SignedInRequest) -> HttpResponse:
    form = LookupForm(request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            added = add_table(**form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, str(added))
            return redirect("lookups")
    return render(request, "events/lookups.html", {"form": form, "lines": listed()})


@require_POST
@needs("events.manage_sources")
def lookup_toggle(request: SignedInRequest, pk: int) -> HttpResponse:
    row, form = get_object_or_404(LookupTable, pk=pk), SwitchForm(request.POST)
    if form.is_valid():
        switch_table(row, enabled=form.cleaned_data["enabled"], by=request.user)
    return redirect("lookups")


@require_POST
@needs("events.manage_sources")
def lookup_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(LookupTable, pk=pk)
    remove_table(row, by=request.user)
    messages.success(request, gettext("%(name)s is removed. Events keep what was found in it.") % {"name": row.name})
    return redirect("lookups")
