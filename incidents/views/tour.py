"""The tour of the first sign-in."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from incidents.access import SignedInRequest, signed_in
from incidents.services import tour as tours


@require_safe
@signed_in
def tour(request: SignedInRequest) -> HttpResponse:
    return render(request, "incidents/tour.html", {"steps": tours.steps_for(request.user)})


@require_POST
@signed_in
def tour_done(request: SignedInRequest) -> HttpResponse:
    """Read or skipped."""
    tours.finish(request.user)
    return redirect("home")
