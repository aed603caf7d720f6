"""What the model in charge may do by itself: seen before it is saved, kept with a reason, taken back."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from classifier.forms import AcknowledgeForm
from classifier.models import ActingPolicy, PromiseAlarm
from classifier.policy_forms import PolicyForm
from classifier.services import acting, promises
from classifier.services.accepting import send_back, standing_by_policy
from classifier.services.policy_figures import view_of
from classifier.services.policy_page import policy_page
from classifier.services.report_drift import Settled
from incidents.access import SignedInRequest, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs("classifier.view_modelversion")
def policy(request: SignedInRequest) -> HttpResponse:
    """A POST shows what a wish would come to; nothing is saved."""
    if request.method != "POST":
        return _page(request, None, _earlier(request.GET))
    form = PolicyForm(request.POST, categories=acting.categories_known())
    return _page(request, form, form.asked if form.is_valid() else None)


@require_POST
@needs("classifier.manage_models")
def policy_save(request: SignedInRequest) -> HttpResponse:
    form = PolicyForm(request.POST, categories=acting.categories_known())
    if not form.is_valid():
        return _page(request, form, None)
    try:
        acting.save(form.asked, by=request.user, reason=form.cleaned_data["reason"])
    except acting.PolicyRefused as error:
        form.add_error("reason" if not form.cleaned_data["reason"].strip() else None, str(error))
        return _page(request, form, form.asked)
    messages.success(request, _("Saved. It holds for what the model reads from now on."))
    return redirect("model-policy")


@require_POST
@needs("classifier.manage_models")
def policy_send_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns what was accepted under a policy to the queue."""
    number = send_back(get_object_or_404(ActingPolicy, pk=pk), by=request.user)
    told = ngettext("%(n)s report is back in the queue.", "%(n)s reports are back in the queue.", number)
    messages.success(request, told % {"n": number})
    return redirect("model-policy")


@require_POST
@needs("classifier.manage_models")
def promise_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    alarm = get_object_or_404(PromiseAlarm.objects.select_related("promotion__version"), pk=pk)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write why it is all right: whoever comes later wants to know."))
        return redirect("model-policy")
    try:
        promises.acknowledge(alarm, by=request.user, note=form.cleaned_data["note"])
    except Settled as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The alarm is acknowledged. The same is told no second time."))
    return redirect("model-policy")


def _earlier(sent: Mapping[str, str]) -> acting.Asked | None:
    """The wish of an earlier policy that the address names, to be saved again."""
    number = sent.get("from", "")
    row = ActingPolicy.objects.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
    return acting.Asked.of(row) if row else None


def _page(request: SignedInRequest, form: PolicyForm | None, asked: acting.Asked | None) -> HttpResponse:
    view, categories = view_of(asked), acting.categories_known()
    form = form or PolicyForm(initial=PolicyForm.initial_of(view.asked, categories), categories=categories)
    standing = standing_by_policy()
    rows = [(row, standing.get(row.pk, 0)) for row in view.history]
    context = {"page": policy_page(view), "form": form, "history": rows, "asked_for": asked is not None}
    return render(request, "classifier/policy.html", context)
