"""The taxonomy: its labels, its steps, and each step tried out before it is taken."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from incidents.access import SignedInRequest, needs
from incidents.forms.taxonomy import (
    CATEGORY_FORMS,
    LABEL_FORMS,
    AddForm,
    GuideTextForm,
    StepForm,
    Subject,
    UndoForm,
)
from incidents.models import Category, Path, TaxonomyStep
from incidents.services import taxonomy_page
from incidents.services.guide import write_guide
from incidents.services.taxonomy import what_became_of
from incidents.services.taxonomy_preview import preview
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import TaxonomyRefused

LOOK, MANAGE = "classifier.view_modelversion", "classifier.manage_models"
PAGE_SIZE = 20
ALL = ["GET", "HEAD", "POST"]


@require_safe
@needs(LOOK)
def taxonomy(request: SignedInRequest) -> HttpResponse:
    page = Paginator(TaxonomyStep.objects.select_related("by", "undoes__undoes"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {"tree": taxonomy_page.tree(), "page": page, "steps": taxonomy_page.steps(page)}
    return render(request, "incidents/taxonomy.html", context)


@require_safe
@needs(LOOK)
def step(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "incidents/taxonomy_step.html", {"page": taxonomy_page.step_page(_step(pk))})


@require_safe
@needs(LOOK)
def step_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far the list has followed; at the end the whole page is asked for."""
    page = taxonomy_page.step_page(_step(pk))
    if page.follows:
        return render(request, "incidents/_taxonomy_state.html", {"page": page})
    return HttpResponse(status=HTMX_STOP_POLLING, headers={"HX-Refresh": "true"})


@require_http_methods(ALL)
@needs(MANAGE)
def label(request: SignedInRequest, pk: int) -> HttpResponse:
    """A label with all that can be done to it, and its guide; a category alone has that on its own page."""
    row = get_object_or_404(Path.objects.with_names(), pk=pk)
    if row.state != Path.State.LIVE:
        return _gone(request, row)
    form = GuideTextForm.of(row.sub_category, request.POST or None) if row.sub_category else None
    if row.sub_category and form and form.is_bound and form.is_valid():
        write_guide(row.sub_category, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("taxonomy-label", pk=pk)
    return render(request, "incidents/taxonomy_label.html", {"label": row, "form": form})


@require_http_methods(ALL)
@needs(MANAGE)
def category(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Category, pk=pk)
    if not Category.objects.in_use().filter(pk=pk).exists():
        return _unused(request, row)
    form = GuideTextForm.of(row, request.POST or None)
    if form.is_bound and form.is_valid():
        write_guide(row, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("taxonomy-category", pk=pk)
    return render(request, "incidents/taxonomy_category.html", {"category": row, "form": form})


@require_http_methods(ALL)
@needs(MANAGE)
def label_change(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    row = get_object_or_404(Path.objects.with_names(), pk=pk)
    if kind not in LABEL_FORMS:
        raise Http404
    return _change(request, LABEL_FORMS[kind], Subject(label=row)) if row.state == "live" else _gone(request, row)


@require_http_methods(ALL)
@needs(MANAGE)
def category_change(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    row = get_object_or_404(Category, pk=pk)
    if kind not in CATEGORY_FORMS:
        raise Http404
    if not Category.objects.in_use().filter(pk=pk).exists():
        return _unused(request, row)
    return _change(request, CATEGORY_FORMS[kind], Subject(category=row))


@require_http_methods(ALL)
@needs(MANAGE)
def add(request: SignedInRequest) -> HttpResponse:
    return _change(request, AddForm, Subject())


@require_http_methods(ALL)
@needs(MANAGE)
def step_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    return _change(request, UndoForm, Subject(step=_step(pk)))


def _change(request: SignedInRequest, kind: type[StepForm], about: Subject) -> HttpResponse:
    """Shows what a step would do, and takes it by the button below that."""
    asked = request.POST if request.method == "POST" else request.GET
    form, shown = kind(asked if asked or not kind.asks else None, about=about), None
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST":
                return _take(request, form)
            shown = preview(form.wish())
        except TaxonomyRefused as error:
            form.add_error(None, str(error))
    context = {"form": form, "about": about, "preview": shown, "title": _title(form)}
    return render(request, "incidents/taxonomy_change.html", context)


def _take(request: SignedInRequest, form: StepForm) -> HttpResponse:
    reason, expected = form.cleaned_data["reason"], form.cleaned_data["expected"]
    done = take(form.wish(), by=request.user, reason=reason, expected=expected)
    messages.success(request, _("Step %(number)s is taken. The list of reports follows.") % {"number": done.pk})
    return redirect("taxonomy-step", pk=done.pk)


def _title(form: StepForm) -> str:
    if form.about.step:
        return _("Undo step %(number)s") % {"number": form.about.step.pk}
    kind = form.kind.label
    return f"{kind}: {form.about.name}" if form.about.name else _("Add a label")


def _gone(request: SignedInRequest, row: Path) -> HttpResponse:
    messages.warning(request, what_became_of(row))
    return redirect("taxonomy")


def _unused(request: SignedInRequest, row: Category) -> HttpResponse:
    messages.warning(request, _("“%(name)s” has no labels in use any more: look at the steps.") % {"name": row})
    return redirect("taxonomy")


def _step(pk: int) -> TaxonomyStep:
    return get_object_or_404(TaxonomyStep.objects.select_related("by", "undoes__undoes"), pk=pk)
