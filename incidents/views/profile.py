"""What the reports of this installation are like."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from incidents.access import SignedInRequest, needs
from incidents.services import profile_runs


@require_safe
@needs("incidents.view_profile")
def profile(request: SignedInRequest) -> HttpResponse:
    found = profile_runs.profile_page()
    return render(request, "incidents/profile.html", {"found": found, "profile": found.profile})


@require_safe
@needs("incidents.view_profile")
def profile_state(request: SignedInRequest) -> HttpResponse:
    """How far the measuring is, asked for every 2 s while it runs."""
    state = profile_runs.profile_state()
    status = 200 if state and state.at_work else HTMX_STOP_POLLING
    return render(request, "incidents/_profile_state.html", {"state": state, "arrived": True}, status=status)


@require_POST
@needs("incidents.view_profile")
def profile_measure(request: SignedInRequest) -> HttpResponse:
    if profile_runs.request_profile(request.user) is None:
        messages.info(request, _("The reports are being measured already."))
    return redirect("profile")
