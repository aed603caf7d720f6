"""What an admin sets."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from incidents.access import SignedInRequest, needs
from incidents.forms.policy import PolicyForm
from incidents.services.settings import set_policies


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.add_setting")
def settings(request: SignedInRequest) -> HttpResponse:
    form = PolicyForm(request.POST or None)
    if form.is_bound and form.is_valid():
        set_policies({key: form.cleaned_data[key] for key in form.changed_data}, by=request.user)
        messages.success(request, gettext("Saved. Settings changed: %(len)s.") % {"len": len(form.changed_data)})
        return redirect("settings")
    return render(request, "incidents/settings.html", {"form": form})
