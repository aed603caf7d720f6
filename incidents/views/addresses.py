"""Where forms of a report's page lead back to."""

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def to_tab(pk: int, tab: str) -> HttpResponseRedirect:
    return redirect(f"{reverse('incident', args=[pk])}?tab={tab}#tabs")


def asked_back(request: HttpRequest) -> str:
    """The page of this site that `back` names; empty where it names none."""
    asked = str(request.POST.get("back") or request.GET.get("back") or "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ""
