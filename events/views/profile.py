"""What the events of a source are like."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from events.forms.profile import ProfileForm
from events.services.profile_page import profile_page
from incidents.access import SignedInRequest, needs


@require_safe
@needs("events.view_events")
def events_profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.GET)
    source = form.chosen
    page = profile_page(source) if source else None
    return render(request, "events/profile.html", {"form": form, "source": source, "page": page})
