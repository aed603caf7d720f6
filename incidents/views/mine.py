"""A person's own reports."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents.access import SignedInRequest, signed_in
from incidents.models import Incident
from incidents.services.revealing import own_disclosed

PAGE_SIZE = 20


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    reports = Incident.objects.filter(reporter=request.user).with_words_and_people().with_decided_paths()
    page = Paginator(reports.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = own_disclosed(page, request.user)
    return render(request, "incidents/mine.html", {"page": page})
