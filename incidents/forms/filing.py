"""What a reporter sends from the filing form."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.forms.attachments import FilesField
from incidents.forms.robots import AGAIN as ONCE_MORE
from incidents.forms.robots import TrapField, seconds_since, timed_key
from incidents.models import Incident
from incidents.models.incident import MAX_TEXT
from incidents.services.filing import FiledReport
from incidents.texts import MAX_TITLE, clean_text, clean_title

RELOAD = "The form is incomplete. Reload the page."
AGAIN = "You sent this form before, with other words. Press the button again to file this as another report."


class ReportForm(forms.Form):
    """One report. `key` makes a second press of the button harmless."""

    title = forms.CharField(
        label=_("Title"),
        help_text=_("One line, for example: Money gone after a call from my bank."),
        max_length=MAX_TITLE,
    )
    text = forms.CharField(
        label=_("What happened"),
        help_text=_("In your own words, in the order it happened. No passwords and no card numbers, please."),
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("The text is empty. Describe what happened.")},
    )
    noticed_at = forms.DateTimeField(
        label=_("When you noticed it"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Write a date and a time, for example 2026-03-14 15:09.")},
    )
    money_lost = forms.DecimalField(
        label=_("Money lost"),
        required=False,
        max_digits=14,
        decimal_places=2,
        validators=[MinValueValidator(0, "Write the amount without a sign; leave it empty if nothing was lost.")],
        widget=forms.NumberInput(attrs={"step": "0.01", "min": "0", "inputmode": "decimal"}),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=Incident.Currency, initial=Incident.Currency.INR)
    contact = forms.CharField(
        label=_("How we may reach you"),
        help_text=_("An e-mail address or a telephone number. Only the people who review reports see it."),
        required=False,
        max_length=200,
    )
    consent = forms.BooleanField(
        label=_("You may contact me about this report"),
        required=False,
    )
    attachments = FilesField(
        required=False,
        help_text=_("Screenshots, mails, logs: at most 10 files. Only people who review reports see them."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": RELOAD, "invalid": RELOAD})
    website = TrapField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["noticed_at"].help_text = f"Time zone: {timezone.get_current_timezone_name()}."

    def clean_title(self) -> str:
        return clean_title(self.cleaned_data["title"])

    def clean_text(self) -> str:
        return clean_text(self.cleaned_data["text"])

    def clean_noticed_at(self) -> Any:
        noticed_at = self.cleaned_data["noticed_at"]
        if noticed_at and noticed_at > timezone.now():
            raise forms.ValidationError(gettext("This moment is still to come. Write when you noticed it."))
        return noticed_at

    @property
    def max_text(self) -> int:
        return MAX_TEXT

    def report(self) -> FiledReport:
        others = {"key", "attachments", "website"}
        return FiledReport(**{name: value for name, value in self.cleaned_data.items() if name not in others})

    def ask_again(self) -> None:
        """The key belongs to an earlier report: say so, and let the next press file a new one, at any pace."""
        self.add_error(None, AGAIN)
        self.data = {name: self.data.get(name) for name in self.data} | {"key": str(uuid4())}

    def sign_of_a_robot(self, least_seconds: float) -> str:
        """`trap` or `pace` for what no person does, else nothing; the form then asks to be sent once more."""
        taken = seconds_since(self.cleaned_data["key"])
        sign = "trap" if self.cleaned_data["website"] else ""
        if not sign and taken is not None and taken < least_seconds:
            sign = "pace"
        if sign:
            self.add_error(None, ONCE_MORE)
        return sign


def empty_report_form() -> ReportForm:
    return ReportForm(initial={"key": timed_key()})
