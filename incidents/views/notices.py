"""What a person is told."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from incidents.access import SignedInRequest, not_prefetched, signed_in
from incidents.forms.notices import MailForm
from incidents.models import Notice
from incidents.services.notices import choose_mail, count_unread, mark_read

PAGE_SIZE = 30
# Of notices that are about no report.
PLACES = {
    Notice.Kind.TRAINED: "models",
    Notice.Kind.DOUBTS: "doubts",
    Notice.Kind.DRIFT: "model-drift",
    Notice.Kind.PROMISE: "model-policy",
}


@require_safe
@signed_in
def notices(request: SignedInRequest) -> HttpResponse:
    mine = Notice.objects.filter(user=request.user).select_related("by").order_by("-pk")
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "form": MailForm(user=request.user), "unread": count_unread(request.user)}
    return render(request, "incidents/notices.html", context)


@require_GET
@not_prefetched
@signed_in
def notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Goes to what a notice is about, which is read by that; not for a browser that prefetches."""
    told = get_object_or_404(Notice, pk=pk, user=request.user)
    mark_read(request.user, notice=told.pk)
    if told.incident_id is not None:
        return redirect("incident", pk=told.incident_id)
    return redirect(PLACES.get(Notice.Kind(told.kind), "notices"))


@require_POST
@signed_in
def notices_read(request: SignedInRequest) -> HttpResponse:
    """Marks all as read."""
    mark_read(request.user)
    return redirect("notices")


@require_POST
@signed_in
def notices_mail(request: SignedInRequest) -> HttpResponse:
    """Keeps which kinds come by mail."""
    form = MailForm(request.POST, user=request.user)
    if form.is_valid():
        choose_mail(request.user, form.cleaned_data["kinds"])
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("There is no such kind of notice."))
    return redirect("notices")
