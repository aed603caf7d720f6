"""Where forms of a report's page lead back to."""

from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse


def to_tab(pk: int, tab: str) -> HttpResponseRedirect:
    return redirect(f"{reverse('incident', args=[pk])}?tab={tab}#tabs")
