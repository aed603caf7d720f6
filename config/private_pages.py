"""What the site answers is kept by no browser and no proxy: the back button after a sign-out shows no report."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def not_kept(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """For every answer that says nothing of its own about it. Static files are served before this is asked."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware
