"""No page, and no call by session or token, for an admin who has shown no second factor."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRedirect

from incidents.models import User
from incidents.services import second_factor

# What leads to a second factor, or away: these stay open. The pages below `mfa_index` are allauth's own.
OPEN = ("account_reauthenticate", "account_logout", "set_language", "healthz")


def asked_of_admins(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Leads an admin whose session has shown no second factor to where one is set up or shown."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated or second_factor.was_shown(user, request.session):
            return get_response(request)
        if not second_factor.is_required(user) or _leads_to_one(request.path):
            return get_response(request)
        return _elsewhere(request, user)

    return middleware


def _leads_to_one(path: str) -> bool:
    return path.startswith(reverse("mfa_index")) or path in {reverse(name) for name in OPEN}


def _elsewhere(request: HttpRequest, user: User) -> HttpResponse:
    """Whoever has a factor shows it (a sign-in without it happens where the role came later), others set one up."""
    name = "mfa_reauthenticate" if second_factor.has_one(user) else "mfa_index"
    if request.path.startswith("/api/v1/"):
        return JsonResponse({"detail": gettext("Admins need a second factor: set it up on the site.")}, status=403)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(reverse(name))
    return redirect(name)
