"""Pages in the language of the person who looks at them, and with their clock; no uploads beyond all measure."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from incidents import policy
from incidents.services.attachments import MOST
from incidents.services.preferences import LANGUAGES, zone_of

MEGABYTE = 1024 * 1024
BESIDE_FILES = 1  # MB: the words of the form, and what parts its files


def of_size(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuses forms that are larger than all files that a report takes, before anything of them is read.

    Reading writes files to the disk, and the check for forgeries reads: no view could refuse in time. Whoever keeps the
    sources of events sends look-up tables, which are larger.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        sent = int(length) if length.isascii() and length.isdigit() else 0
        if sent > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and request.content_type == "multipart/form-data":
            largest = policy.value("largest_attachment_mb")
            too_large = sent > (MOST * largest + BESIDE_FILES) * MEGABYTE
            if too_large and not request.user.has_perm("events.manage_sources"):
                return render(request, "413.html", {"most": MOST, "largest": largest}, status=413)
        return get_response(request)

    return middleware


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
