"""How long reports are kept: the rules, and what they would erase now."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.access import SignedInRequest, needs
from incidents.forms.retention import RetentionForm
from incidents.services.retention import look, set_rules


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.erase_reports")
def retention(request: SignedInRequest) -> HttpResponse:
    """A POST tells first what the rules would do, and keeps them with the button that follows."""
    form = RetentionForm(request.POST or None)
    if not form.is_bound or not form.is_valid():
        return render(request, "incidents/retention.html", {"form": form})
    if "save" in request.POST:
        set_rules(form.days, by=request.user)
        messages.success(request, _("Saved. What is old enough is erased by the next daily pass."))
        return redirect("retention")
    return render(request, "incidents/retention.html", {"form": form, "look": look(form.days)})
