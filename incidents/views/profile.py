"""What the reports of this installation are like."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents.access import needs
from incidents.services.profile import profile_database


@require_safe
@needs("incidents.view_profile")
def profile(request: HttpRequest) -> HttpResponse:
    return render(request, "incidents/profile.html", {"profile": profile_database()})
