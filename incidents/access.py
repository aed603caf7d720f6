"""Who may open a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

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


def needs(permission: str) -> Callable[[View], View]:
    """Anonymous people sign in first; people without the permission get 403.

    A part of a page that is fetched after the session ended sends the whole page to the sign-in.
    """

    def decorate(view: View) -> View:
        permitted = permission_required(permission, raise_exception=True)(view)

        @wraps(view)
        def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated:
                return permitted(request, *args, **kwargs)
            response = redirect_to_login(request.get_full_path())
            return HttpResponseClientRedirect(response.url) if request.htmx else response

        return checked

    return decorate
