"""Downloads of what the list of reports shows."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from incidents.access import SignedInRequest, needs, not_prefetched
from incidents.forms.queue import IncidentFilter
from incidents.models import Incident
from incidents.services import exports

CONTENT_TYPES = {exports.CSV: "text/csv; charset=utf-8", exports.JSONL: "application/x-ndjson"}


@require_GET
@not_prefetched
@needs("incidents.export_incidents")  # type: ignore[arg-type]  # a stream is a response too
def export(request: SignedInRequest, form: str) -> StreamingHttpResponse:
    """All reports of the list that the address names, in one stream; with personal data for who may have that."""
    personal = bool(request.GET.get("personal_data"))
    if personal and not request.user.has_perm("incidents.export_personal_data"):
        raise PermissionDenied
    among = Incident.objects.visible_to(request.user)
    rows = IncidentFilter(request.GET, among, user=request.user, every=True).reports
    exports.record_export(form, _filters(request), by=request.user, personal=personal)
    headers = {"Content-Disposition": f'attachment; filename="reports.{form}"'}
    made = exports.export(rows, form, by=request.user, personal=personal)
    return StreamingHttpResponse(made, content_type=CONTENT_TYPES[form], headers=headers)


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: str(value)[:100] for name, value in request.GET.items()}
