"""Where a version comes from: its labels, its card, and building it again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY
from classifier.services.lineage import json_lines, keys_of, rows_of
from classifier.services.model_card import card_of
from classifier.services.model_card_text import markdown
from classifier.services.rebuild import request_rebuild
from classifier.services.training import TrainingRefused
from incidents.access import SignedInRequest, needs
from incidents.services.second_opinions import reports_held_by

LABELS_A_PAGE = 50


@require_safe
@needs("incidents.review_incident")
def model_labels(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every label that a version learned from or was measured by; not those of what one gives a second opinion on."""
    version = _version(pk)
    page = Paginator(rows_of(version), LABELS_A_PAGE).get_page(request.GET.get("page"))
    keys, hidden = keys_of(version), reports_held_by(request.user)
    listed = [(row, None if row.incident_id in hidden else [keys[place] for place in row.paths]) for row in page]
    return render(request, "classifier/labels.html", {"version": version, "page": page, "rows": listed})


@require_safe
@needs("incidents.export_incidents")  # type: ignore[arg-type]  # a stream is a response too
def model_labels_file(request: SignedInRequest, pk: int) -> StreamingHttpResponse:
    """The same as JSONL, all of it, without texts."""
    version = _version(pk)
    lines = json_lines(version, hidden=reports_held_by(request.user))
    answer = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    answer["Content-Disposition"] = f'attachment; filename="{version.name}-labels.jsonl"'
    return answer


@require_safe
@needs("classifier.view_modelversion")
def model_card(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _version(pk)
    return render(request, "classifier/card.html", {"version": version, "card": card_of(version)})


@require_safe
@needs("classifier.view_modelversion")
def model_card_markdown(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _version(pk)
    answer = HttpResponse(markdown(card_of(version)), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{version.name}.md"'
    return answer


@require_safe
@needs("classifier.view_modelversion")
def model_card_json(request: SignedInRequest, pk: int) -> JsonResponse:
    return JsonResponse(card_of(_version(pk)).to_json())


@require_POST
@needs("classifier.manage_models")
def model_rebuild(request: SignedInRequest, pk: int) -> HttpResponse:
    """Trains a version again from its snapshot, to see that the same comes out."""
    try:
        run = request_rebuild(_version(pk), by=request.user)
    except TrainingRefused as error:
        messages.error(request, str(error))
        return redirect("model-version", pk=pk)
    messages.success(request, gettext("Training %(pk)s waits for a worker.") % {"pk": run.pk})
    return redirect("training-run", pk=run.pk)


def _version(pk: int) -> ModelVersion:
    """Of the line that learns from reports."""
    return get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk, line=CLASSIFY)
