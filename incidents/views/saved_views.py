"""Saved views of the list: keeping, changing and leaving them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.access import SignedInRequest, needs
from incidents.forms.saved_views import SaveViewForm, ViewActionForm, ViewForm
from incidents.forms.view_words import in_words
from incidents.models import SavedView
from incidents.services import saved_views as service


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.review_incident")
def saved_views(request: SignedInRequest) -> HttpResponse:
    """Lists them; a POST keeps the list's present address by a name."""
    form = SaveViewForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _list(request, form if form.is_bound else None)
    try:
        view = service.save_view(request.user, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return _list(request, form)
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(f"{reverse('queue')}?{view.query}")


@require_POST
@needs("incidents.review_incident")
def saved_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renames or deletes a view, or makes it the one that the list opens with."""
    view = get_object_or_404(SavedView.objects.offered_to(request.user), pk=pk)
    action = ViewActionForm.asked(request.POST)
    if action in {"default", "no_default"}:
        service.make_default(request.user, view if action == "default" else None)
    elif not service.may_change(request.user, view):
        messages.error(request, _("Only its owner or a lead changes this view."))
    elif action == "delete":
        view.delete()
    elif action == "rename":
        _rename(request, view)
    return redirect("saved-views")


def _rename(request: SignedInRequest, view: SavedView) -> None:
    form = ViewForm(request.POST)
    try:
        if form.is_valid():
            service.rename(view, **form.cleaned_data)
        for sentences in form.errors.values():
            messages.error(request, " ".join(str(one) for one in sentences))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


def _list(request: SignedInRequest, form: SaveViewForm | None) -> HttpResponse:
    views = [
        (view, in_words(view.query), service.may_change(request.user, view))
        for view in SavedView.objects.offered_to(request.user).select_related("owner")
    ]
    return render(request, "incidents/saved_views.html", {"views": views, "form": form})
