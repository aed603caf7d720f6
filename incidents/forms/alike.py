"""Which report another one is joined to, and what is typed on the filing form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.models.incident import MAX_TEXT
from incidents.texts import MAX_TITLE

LONGEST_NUMBER = 18  # digits; databases choke on longer ones
NO_SUCH = _("There is no report of this number.")


class MergeForm(forms.Form):
    """The report to join to, by number, with or without #."""

    into = forms.CharField(
        label=_("Number of the other report"), max_length=20, error_messages={"required": _("Write its number.")}
    )

    def clean_into(self) -> Incident:
        number = self.cleaned_data["into"].strip().removeprefix("#")
        if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
            raise forms.ValidationError(_("Write a number, for example 123."))
        found = Incident.objects.filter(pk=int(number)).first()
        if found is None:
            raise forms.ValidationError(NO_SUCH)
        return found


class AnswerForm(MergeForm):
    """Whether a report is about the same as another one."""

    same = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))])


class TypedForm(forms.Form):
    """A report as far as it is typed."""

    title = forms.CharField(required=False, max_length=MAX_TITLE)
    text = forms.CharField(required=False, max_length=MAX_TEXT)

    def typed(self) -> dict[str, Any]:
        return {"title": self.cleaned_data["title"].strip(), "text": self.cleaned_data["text"].strip()}
