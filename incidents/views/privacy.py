"""Pages whose address is a secret."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from incidents.access import View


def private(view: View) -> View:
    """The address is the secret: it is not kept, not indexed, and no other site is told of it.

    Our own forms are: without an origin they would be refused as forged.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded
