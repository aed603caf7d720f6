"""The live list."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.forms.live import LiveForm
from events.services.live_page import LiveFilter, live_page
from incidents.access import SignedInRequest, needs


@require_safe
@needs("events.view_events")
def live(request: SignedInRequest) -> HttpResponse:
    """The whole page, or for htmx its list alone, which goes on from where the last look ended."""
    form = LiveForm(request.GET)
    now = timezone.now()
    if form.is_valid():
        page = live_page(form.wanted, form.cleaned_data["after"], form.began, now)
    else:
        page = live_page(LiveFilter(), None, None, now)
    return render(request, "events/_live.html" if request.htmx else "events/live.html", {"form": form, "page": page})
