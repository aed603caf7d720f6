"""Whether reports still look as they did when the champion learned, and what people say to alarms."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classifier.forms import AcknowledgeForm
from classifier.models import DriftAlarm, DriftLook
from classifier.services.report_drift import Settled, acknowledge
from incidents.access import SignedInRequest, needs
from incidents.services.drift_page import drift_page, reports_of, what_it_is_worth
from incidents.services.second_opinions import disguise_all

PAGE_SIZE = 30


@require_safe
@needs("classifier.view_modelversion")
def drift(request: SignedInRequest) -> HttpResponse:
    context = {"page": drift_page(request.user), "worth": what_it_is_worth(), "form": AcknowledgeForm()}
    return render(request, "classifier/drift.html", context)


@require_safe
@needs("classifier.view_modelversion")
def drift_look(request: SignedInRequest, pk: int) -> HttpResponse:
    """The reports of one look."""
    look = get_object_or_404(DriftLook.objects.select_related("promotion__version"), pk=pk)
    page = Paginator(reports_of(look, request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = disguise_all(page, request.user)
    return render(request, "classifier/drift_look.html", {"look": look, "page": page})


@require_POST
@needs("classifier.manage_models")
def drift_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    alarm = get_object_or_404(DriftAlarm.objects.select_related("look__promotion__version"), pk=pk)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write why it is all right: whoever comes later wants to know."))
        return redirect("model-drift")
    try:
        acknowledge(alarm, by=request.user, note=form.cleaned_data["note"])
    except Settled as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The alarm is acknowledged. The same change is told no second time."))
    return redirect("model-drift")
