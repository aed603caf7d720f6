"""Pages in the language of the person who looks at them, and with their clock; no uploads beyond all measure, and no
page that somebody's text has put into another order."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from incidents import policy
from incidents.services.attachments import MOST
from incidents.services.preferences import LANGUAGES, zone_of

MEGABYTE = 1024 * 1024
# Embeddings, overrides and isolates in UTF-8. Where a text is to be read from, browsers find out (dir="auto").
_DIRECTIONS = re.compile("|".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])).encode())
BESIDE_FILES = 1  # MB: the words of the form, and what parts its files


def of_size(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuses forms that are larger than all files that a report takes, before anything of them is read.

    Reading writes files to the disk, and the check for forgeries reads: no view could refuse in time. Files of reports
    have a limit of their own. Whoever keeps the sources of events sends look-up tables, which are larger.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        sent = int(length) if length.isascii() and length.isdigit() else 0
        if sent > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and request.content_type == "multipart/form-data":
            return _refusal(request, sent) or get_response(request)
        return get_response(request)

    return middleware


def _refusal(request: HttpRequest, sent: int) -> HttpResponse | None:
    if _may_import(request):
        largest = policy.value("largest_import_mb")
        return _too_large(request, {"import_mb": largest}) if sent > _bytes(largest) else None
    largest = policy.value("largest_attachment_mb")
    if sent <= _bytes(MOST * largest) or request.user.has_perm("events.manage_sources"):
        return None
    return _too_large(request, {"most": MOST, "largest": largest})


def _bytes(megabytes: int) -> int:
    return (megabytes + BESIDE_FILES) * MEGABYTE


def _may_import(request: HttpRequest) -> bool:
    """Whoever sends a token is not known yet: the API looks at it before it reads anything of the body."""
    if request.path not in (reverse("import-new"), reverse("api-imports")):
        return False
    by_token = request.path == reverse("api-imports") and not request.user.is_authenticated
    return by_token or request.user.has_perm("incidents.import_incidents")


def _too_large(request: HttpRequest, limits: dict[str, int]) -> HttpResponse:
    if request.path.startswith("/api/"):
        most = limits.get("import_mb", limits.get("largest"))
        return JsonResponse({"detail": gettext("The file is larger than %(most)s MB.") % {"most": most}}, status=413)
    return render(request, "413.html", limits, status=413)


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


def as_written(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Pages show every text in the order in which it is stored, so that none looks like another, or moves what stands
    beside it. Exports and the API tell texts as they are."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = _DIRECTIONS.sub(b"", response.content)
        return response

    return middleware
