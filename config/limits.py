"""How often something may be done: counted in the shared cache, answered by 429 with the time to come back.

Counts go up in one step, so that requests at the same moment do not pass together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from allauth.account import app_settings as account
from allauth.core.internal.ratelimit import parse_rates
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django_ratelimit import ALL
from django_ratelimit.core import get_usage

from config.clients import address_of

log = structlog.get_logger("config.limits")
USUAL_SECONDS = 60
# Of allauth's own limits: the address that is limited -> the name that ACCOUNT_RATE_LIMITS has for it.
ALLAUTH = {
    "account_login": "login",
    "account_signup": "signup",
    "account_reset_password": "reset_password",
    "account_reset_password_from_key": "reset_password_from_key",
    "account_change_password": "change_password",
    "account_reauthenticate": "reauthenticate",
    "mfa_reauthenticate": "reauthenticate",
    "mfa_reauthenticate_webauthn": "reauthenticate",
    "account_email": "manage_email",
}


@dataclass(frozen=True)
class Limit:
    """At most so many in so many seconds; `most` 0 is no limit."""

    name: str
    most: int
    seconds: int


class TooMany(Exception):
    """Over a limit; in `seconds` it is free again, at the latest."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many; again in {seconds} s")
        self.seconds = seconds


def count(request: HttpRequest, limit: Limit, *, of: str) -> None:
    """Count one more of `of` (an address, an account). Raises TooMany beyond the limit."""
    if limit.most == 0:
        return
    rate = (limit.most, limit.seconds)
    usage = get_usage(request, group=limit.name, key=lambda *_: of, rate=rate, method=ALL, increment=True)
    if usage["should_limit"]:
        raise TooMany(max(1, usage["time_left"]))


class TellsWhen:
    """Middleware: TooMany becomes the page, or the API's answer, that says when to try again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer(request, exception.seconds) if isinstance(exception, TooMany) else None


def handle_429(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The project's `handler429`, which allauth calls without saying for how long: the longest of its windows."""
    match = request.resolver_match
    return answer(request, longest_window(ALLAUTH.get(match.url_name or "", "") if match else ""))


def longest_window(name: str) -> int:
    """Seconds after which one of allauth's limits, by its name in ACCOUNT_RATE_LIMITS, is free again at the latest."""
    rates = parse_rates(account.RATE_LIMITS.get(name))
    return int(max((rate.duration for rate in rates), default=USUAL_SECONDS))


def answer(request: HttpRequest, seconds: int) -> HttpResponse:
    """429 with Retry-After. Who was refused stands in the log alone."""
    log.warning("too_many", path=request.path, address=address_of(request), seconds=seconds)
    if request.path.startswith("/api/"):
        words = gettext("Too many calls. Try again in %(seconds)s s.") % {"seconds": seconds}
        refused: HttpResponse = JsonResponse({"detail": words}, status=429)
    else:
        again = timezone.now() + timedelta(seconds=seconds)
        refused = render(request, "429.html", {"again": again, "minutes": -(-seconds // 60)}, status=429)
    refused.headers["Retry-After"] = str(seconds)
    return refused
