"""Lines that could not become events."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from events.forms.dead_letters import DeadLetterForm
from events.services import dead_letters as service
from incidents.access import SignedInRequest, needs

PAGE_SIZE = 30


@require_safe
@needs("events.view_events")
def dead_letters(request: SignedInRequest) -> HttpResponse:
    form = DeadLetterForm(request.GET)
    form.is_valid()
    page = Paginator(form.meant.select_related("source"), PAGE_SIZE).get_page(request.GET.get("page"))
    tabs, reasons = service.count_by_state(form.of_source), service.reason_groups(form.in_state)
    return render(request, "events/dead_letters.html", {"form": form, "page": page, "tabs": tabs, "reasons": reasons})


@require_POST
@needs("events.manage_filters")
def dead_letters_replay(request: SignedInRequest) -> HttpResponse:
    """Reads the lines of the filter, or one, again."""
    form = DeadLetterForm(request.POST)
    if form.is_valid():
        result = service.replay(form.meant, by=request.user)
        messages.add_message(request, messages.WARNING if result.problems else messages.SUCCESS, result.sentence)
    else:
        messages.error(request, gettext("Nothing was replayed: the filter cannot be read. Choose it again."))
    return _back(form)


@require_POST
@needs("events.manage_filters")
def dead_letters_discard(request: SignedInRequest) -> HttpResponse:
    form = DeadLetterForm(request.POST)
    if form.is_valid():
        count = service.discard(form.meant, by=request.user)
        messages.success(
            request,
            gettext("Lines discarded: %(count)s. They stay readable here until retention removes them.")
            % {"count": f"{count:,}"},
        )
    else:
        messages.error(request, gettext("Nothing was discarded: the filter cannot be read. Choose it again."))
    return _back(form)


def _back(form: DeadLetterForm) -> HttpResponse:
    kept = {name: form.data[name] for name in ("source", "q") if form.data.get(name)}
    return redirect(f"{reverse('dead-letters')}?{urlencode(kept)}" if kept else reverse("dead-letters"))
