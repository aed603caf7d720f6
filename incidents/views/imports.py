"""Files of reports, taken in by a job: list, form, progress and figures, refused lines."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from incidents.access import SignedInRequest, needs, not_prefetched
from incidents.forms.imports import ImportForm
from incidents.models import ImportBatch
from incidents.services import import_runs, imports_page

PAGE_SIZE = 30
IMPORT = "incidents.import_incidents"


@require_safe
@needs(IMPORT)
def imports(request: SignedInRequest) -> HttpResponse:
    page = Paginator(imports_page.imports(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "incidents/imports.html", {"page": page, "rows": imports_page.states_of(page)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(IMPORT)
def import_new(request: SignedInRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            origin = ImportBatch.Origin.PAGE
            run = import_runs.start(form.cleaned_data["file"], form.wish, by=request.user, origin=origin)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("import-run", pk=run.pk)
    return render(request, "incidents/import_new.html", {"form": form})


@require_safe
@needs(IMPORT)
def import_run(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "incidents/import_run.html", {"state": _state(pk)})


@require_safe
@needs(IMPORT)
def import_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far it is, asked for every 2 s; at the end the whole page is."""
    state = _state(pk)
    if state.is_at_work:
        return render(request, "incidents/_import_state.html", {"state": state})
    return HttpResponse(status=HTMX_STOP_POLLING, headers={"HX-Refresh": "true"})


@require_POST
@needs(IMPORT)
def import_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    if import_runs.cancel(get_object_or_404(ImportBatch, pk=pk), by=request.user):
        messages.success(request, _("The import stops. Reports that it has taken until then stay."))
    else:
        messages.info(request, _("The import was over already."))
    return redirect("import-run", pk=pk)


@require_safe
@not_prefetched
@needs(IMPORT)  # type: ignore[arg-type]  # a stream is a response too
def import_refused(request: SignedInRequest, pk: int) -> FileResponse:
    """Every refused line and its reason."""
    run = get_object_or_404(ImportBatch, pk=pk)
    if not run.refused_file:
        raise Http404
    try:
        stored = run.refused_file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("This file is not there any more.")) from error
    name, kind = f"refused-lines-of-import-{pk}.csv", "text/csv; charset=utf-8"
    return FileResponse(stored, as_attachment=True, filename=name, content_type=kind)


def _state(pk: int) -> imports_page.ImportState:
    return imports_page.state_of(get_object_or_404(imports_page.imports(), pk=pk))
