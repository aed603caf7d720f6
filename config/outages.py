"""What is answered while something that the site stands on is away: what that is, and what is to be done."""

import errno
import sqlite3
import sys
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.defaults import server_error

FULL_DISK = {errno.ENOSPC, errno.EDQUOT}
AGAIN_SECONDS = 10
# What a person types who files a report, and what makes a second sending harmless: the page hands it back.
FILED = ("title", "text", "noticed_at", "money_lost", "currency", "contact", "consent", "key")


@dataclass(frozen=True)
class Outage:
    title: str | Promise
    advice: str | Promise


BUSY = Outage(
    _("The database is busy"),
    _("Something else holds it at the moment. Nothing of what you just sent was saved. Try again in a minute."),
)
FULL = Outage(
    _("The disk is full"),
    _("Nothing of what you just sent was saved. Tell an admin: room has to be made first. Then try again."),
)
AWAY = Outage(
    _("The database does not answer"),
    _("What was saved before is kept. What you just sent may not have been: try again in a minute."),
)
# Primary result codes of SQLite, and how codes of PostgreSQL begin (its manual, appendix A).
OF_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: AWAY,
    sqlite3.SQLITE_CANTOPEN: AWAY,
}
OF_POSTGRES = {"55P03": BUSY, "53100": FULL, "53": AWAY, "57P": AWAY, "08": AWAY}


def failed(request: HttpRequest) -> HttpResponse:
    """The site's handler of errors that nobody caught: 503 with what to do while an outage is the cause, else 500.

    Needs neither the database nor a session, since either may be what is away.
    """
    outage = of(sys.exc_info()[1])
    if outage is None:
        return server_error(request)
    if request.path.startswith("/api/"):
        answer: HttpResponse = JsonResponse({"detail": f"{outage.title}. {outage.advice}"}, status=503)
    else:
        # Without what pages are given otherwise: the account and the banner of workers are read from the database.
        page = {"outage": outage, "kept": _kept(request), "csrf_token": get_token(request)}
        answer = HttpResponse(render_to_string("503.html", page), status=503)
    answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def of(error: BaseException | None) -> Outage | None:
    """The outage that an error tells of; None for an error that will come again, as that of a wrong statement."""
    if isinstance(error, OSError) and error.errno in FULL_DISK:
        return FULL
    if isinstance(error, InterfaceError):
        return AWAY
    if not isinstance(error, OperationalError):
        return None
    driver = error.__cause__
    if code := getattr(driver, "sqlite_errorcode", None):
        return OF_SQLITE.get(code & 0xFF)
    state = getattr(driver, "sqlstate", None)
    if state is None:  # the connection itself has failed
        return AWAY
    return next((outage for start, outage in OF_POSTGRES.items() if state.startswith(start)), None)


def _kept(request: HttpRequest) -> dict[str, str]:
    """What was typed into the form for a report, so that it need not be typed again."""
    if request.method != "POST" or request.path != reverse("file"):
        return {}
    try:
        return {name: request.POST[name] for name in FILED if request.POST.get(name)}
    except (OSError, RawPostDataException):  # the disk was full while the upload came in
        return {}
