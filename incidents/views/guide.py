"""The guide of labels, for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents.forms.guide import GuideForm
from incidents.services.guide import read_guide


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    form = GuideForm(request.GET)
    chapters = read_guide(form.cleaned_data["q"]) if form.is_valid() else []
    return render(request, "incidents/guide.html", {"form": form, "chapters": chapters})
