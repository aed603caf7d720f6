"""The page on which people change their keys."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.access import SignedInRequest, needs
from incidents.forms.shortcuts import ShortcutsForm
from incidents.services.shortcuts import set_keys
from incidents.shortcuts import keys_of


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.review_incident")
def shortcuts(request: SignedInRequest) -> HttpResponse:
    form = ShortcutsForm(request.POST or None, initial=keys_of(request.user))
    if form.is_bound and form.is_valid():
        set_keys(request.user, form.cleaned_data)
        messages.success(request, _("Your keys are saved. They stand on the buttons of the review page."))
        return redirect("shortcuts")
    return render(request, "incidents/shortcuts.html", {"form": form})


@require_POST
@needs("incidents.review_incident")
def reset_shortcuts(request: SignedInRequest) -> HttpResponse:
    set_keys(request.user, {})
    messages.success(request, _("The keys are as they were at first."))
    return redirect("shortcuts")
