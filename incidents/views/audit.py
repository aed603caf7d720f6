"""The audit events: list, chain, file."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from incidents.access import SignedInRequest, needs, not_prefetched
from incidents.forms.audit import AuditFilter
from incidents.services import audit_page, audit_runs

PAGE_SIZE = 50
VIEW = "incidents.view_auditevent"


@require_safe
@needs(VIEW)
@never_cache
def audit(request: SignedInRequest) -> HttpResponse:
    form = AuditFilter(request.GET)
    page = Paginator(audit_page.events(form.chosen), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = audit_page.rows(list(page))
    return render(
        request, "incidents/audit.html", {"form": form, "page": page, "rows": rows, "state": audit_runs.audit_state()}
    )


@require_POST
@needs(VIEW)
def audit_check(request: SignedInRequest) -> HttpResponse:
    audit_runs.request_check(by=request.user)
    messages.success(request, _("The chain is being looked through: read this page again in a minute."))
    return redirect("audit")


@require_GET
@not_prefetched
@needs(VIEW)  # type: ignore[arg-type]  # a stream is a response too
def audit_export(request: SignedInRequest) -> StreamingHttpResponse:
    """The whole chain, for whoever wants to check it elsewhere."""
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    lines = audit_page.chain_lines(by=request.user)
    return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers=headers)
