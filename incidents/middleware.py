"""Pages in the language of the person who looks at them, and with their clock."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from incidents.services.preferences import LANGUAGES, zone_of


def personal(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """After the sign-in is known, over what the browser asked for. Whoever chose nothing gets the browser's language
    and the server's clock."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language in LANGUAGES:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        # Set for every request: a thread that served somebody else keeps that person's.
        timezone.activate(zone_of(getattr(request.user, "time_zone", "")))
        return get_response(request)

    return middleware
