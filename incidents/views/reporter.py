"""The reporter's side of a report: behind the private link, and signed in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classifier.services.reading import prediction_state
from incidents.forms.attachments import AttachForm
from incidents.forms.reporter import FactsForm, WrongForm
from incidents.models import Incident
from incidents.services import reporter_messages
from incidents.views.privacy import private


@require_POST
@private
def receipt_facts(request: HttpRequest, token: str) -> HttpResponse:
    found, form = of_token(token), FactsForm(request.POST)
    if form.is_valid():
        try:
            reporter_messages.add_facts(found, facts=form.cleaned_data["facts"], by=found.reporter)
            messages.success(request, _("Thank you. What you added is part of your report now, and it is read again."))
            return redirect("receipt", token=token)
        except ValidationError as error:
            form.add_error("facts", error)
    return reporter_page(request, found, "incidents/receipt.html", facts=form)


@require_POST
@private
def receipt_wrong(request: HttpRequest, token: str) -> HttpResponse:
    found, form = of_token(token), WrongForm(request.POST)
    if form.is_valid():
        try:
            reporter_messages.say_wrong(found, reason=form.cleaned_data["reason"], by=found.reporter)
            messages.success(request, _("Thank you. A person will look at your report again."))
            return redirect("receipt", token=token)
        except ValidationError as error:
            form.add_error("reason", error)
    return reporter_page(request, found, "incidents/receipt.html", wrong=form)


def of_token(token: str) -> Incident:
    """The report behind a private link, else 404."""
    rows = Incident.objects.with_words_and_people().with_decided_paths()
    return get_object_or_404(rows, receipt_token=token)


def is_unsorted(incident: Incident) -> bool:
    """Whether no model reads it by itself any more, since trying has failed."""
    return incident.awaits_model and prediction_state(incident, None) == "failed"


def reporter_page(
    request: HttpRequest, incident: Incident, template: str, *, facts: FactsForm | None = None,
    wrong: WrongForm | None = None, attach: AttachForm | None = None, alike_known: bool = False,
) -> HttpResponse:  # fmt: skip
    """What a reporter sees, with whatever was typed into a form and why it was not taken."""
    incident.disclosed = True  # their own words
    context = {
        "incident": incident,
        "unsorted": is_unsorted(incident),
        "link": request.build_absolute_uri(reverse("receipt", args=[incident.receipt_token])),
        "conversation": reporter_messages.conversation(incident),
        "attachments": list(incident.attachments.filter(from_reporter=True).order_by("pk")),
        "facts": facts or FactsForm(),
        "wrong": wrong or WrongForm(),
        "attach": attach or AttachForm(),
        "alike_known": alike_known,
    }
    return render(request, template, context)
