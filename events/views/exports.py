"""Downloads: events as CSV, detections as OCSF findings."""

from django.forms import Form
from django.http import HttpResponseBadRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from events.forms.exports import DetectionExportForm, EventExportForm
from events.services.exports import Export, detections_as_ocsf, events_as_csv, record_export
from incidents.access import SignedInRequest, needs, not_prefetched

Download = StreamingHttpResponse | HttpResponseBadRequest


@require_GET
@not_prefetched
@needs("events.view_events")  # type: ignore[arg-type]  # a stream is a response too
def events_export(request: SignedInRequest) -> Download:
    form = EventExportForm(request.GET)
    if not form.is_valid():
        return _refused(form)
    record_export("events", form.choice, by=request.user)
    return _download(events_as_csv(form.choice), "text/csv; charset=utf-8", "events.csv")


@require_GET
@not_prefetched
@needs("events.view_events")  # type: ignore[arg-type]  # a stream is a response too
def detections_ocsf(request: SignedInRequest) -> Download:
    form = DetectionExportForm(request.GET)
    if not form.is_valid():
        return _refused(form)
    record_export("detections", form.choice, by=request.user)
    return _download(detections_as_ocsf(form.choice), "application/x-ndjson", "detections.ocsf.jsonl")


def _download(export: Export, content_type: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(export, content_type=content_type, headers=headers)


def _refused(form: Form) -> HttpResponseBadRequest:
    """In plain words: whoever downloads may be a script."""
    return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain; charset=utf-8")
