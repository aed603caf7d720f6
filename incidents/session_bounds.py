"""How long a sign-in lasts: until nobody has used it for a while, and never longer than the days that are set."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from incidents.services.sessions import BEGAN, SEEN, note_start

TOUCH_SECONDS = 300  # a row is written this often at most, not with each page


def bounded(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Ends a session that is too old; the row's own date ends one that is idle, and moves on with use."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _end_or_go_on(request)
        return get_response(request)

    return middleware


def _end_or_go_on(request: HttpRequest) -> None:
    now = time.time()
    if BEGAN not in request.session:  # it began before an upgrade
        note_start(request.session)
    if now - request.session[BEGAN] > settings.SESSION_LONGEST_SECONDS:
        logout(request)
    elif now - request.session[SEEN] > TOUCH_SECONDS:
        request.session[SEEN] = now
