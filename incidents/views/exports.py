"""Downloads of what the list of reports shows."""

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
    """All reports of the list that the address names, in one stream."""
    among = Incident.objects.visible_to(request.user)
    rows = IncidentFilter(request.GET, among, user=request.user, every=True).reports
    exports.record_export(form, _filters(request), by=request.user)
    headers = {"Content-Disposition": f'attachment; filename="reports.{form}"'}
    made = exports.export(rows, form, by=request.user)
    return StreamingHttpResponse(made, content_type=CONTENT_TYPES[form], headers=headers)


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: str(value)[:100] for name, value in request.GET.items()}
