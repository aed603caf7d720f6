"""Who may open a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from incidents.models import User


class SignedInRequest(HttpRequest):
    """What a view behind `needs` gets."""

    user: User
    htmx: HtmxDetails


View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Anonymous people sign in first, and come back to the page that they were on.

    A part of a page that is fetched after the session ended sends the whole page to the sign-in.
    """

    @wraps(view)
    def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        response = redirect_to_login(_page_of(request))
        return HttpResponseClientRedirect(response.url) if request.htmx else response

    return checked


def needs(permission: str) -> Callable[[View], View]:
    """As `signed_in`; people without the permission get 403."""

    def decorate(view: View) -> View:
        return signed_in(permission_required(permission, raise_exception=True)(view))

    return decorate


def not_prefetched(view: View) -> View:
    """For a page whose opening changes something: a browser that only fetches it in advance gets 204 and no more."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
        return HttpResponse(status=204) if "prefetch" in purpose else view(request, *args, **kwargs)

    return opened


def _page_of(request: SignedInRequest) -> str:
    """The page that a request came from: a part of one, or what a form is sent to, is no place to come back to."""
    if request.htmx:
        return request.htmx.current_url_abs_path or "/"
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    page = urlsplit(request.headers.get("Referer", ""))
    return page._replace(scheme="", netloc="").geturl() if page.netloc == request.get_host() else "/"
