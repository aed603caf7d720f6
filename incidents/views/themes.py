"""What the open reports are about."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from incidents.access import SignedInRequest, needs
from incidents.models import Theme
from incidents.services.second_opinions import disguise_all
from incidents.services.themes import request_themes, themes_page, with_examples

THEMES_A_PAGE = 20
REPORTS_A_PAGE = 30


@require_safe
@needs("incidents.review_incident")
def themes(request: SignedInRequest) -> HttpResponse:
    found = themes_page()
    page = Paginator(found.themes, THEMES_A_PAGE).get_page(request.GET.get("page"))
    context = {"found": found, "page": page, "rows": with_examples(list(page))}
    return render(request, "incidents/themes.html", context)


@require_safe
@needs("incidents.review_incident")
def themes_state(request: SignedInRequest) -> HttpResponse:
    """How far the search for themes is, asked for every 2 s while it runs."""
    state = themes_page().state
    status = 200 if state and state.at_work else HTMX_STOP_POLLING
    return render(request, "incidents/_theme_state.html", {"state": state, "arrived": True}, status=status)


@require_POST
@needs("incidents.review_incident")
def themes_find(request: SignedInRequest) -> HttpResponse:
    if request_themes(request.user) is None:
        messages.info(request, _("The themes are being found already."))
    return redirect("themes")


@require_safe
@needs("incidents.review_incident")
def theme(request: SignedInRequest, pk: int) -> HttpResponse:
    """The reports of one theme. Themes are found anew now and then: an earlier one leads back to the list."""
    found = Theme.objects.select_related("run").filter(pk=pk).first()
    if found is None:
        messages.info(request, _("The themes were found anew meanwhile. These are the present ones."))
        return redirect("themes")
    reports = found.incidents.with_words_and_people().order_by("-pk")
    page = Paginator(reports, REPORTS_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = disguise_all(page, request.user)
    return render(request, "incidents/theme.html", {"theme": found, "page": page})
