"""What is to be erased or held, and why."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class LookUpForm(forms.Form):
    what = forms.CharField(
        label=_("Report or reporter"),
        max_length=200,
        help_text=_(
            "The number of a report; or the name or the e-mail address of a reporter, for all that they filed."
        ),
    )


class EraseForm(forms.Form):
    """`phrase` is what has to be typed."""

    what = forms.CharField(max_length=200, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why is it erased?"), max_length=300, help_text=_("It stays, so do not name anybody in it.")
    )
    typed = forms.CharField(max_length=40, help_text=_("It cannot be taken back."))

    def __init__(self, *args: Any, phrase: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phrase = phrase
        self.fields["typed"].label = gettext("Write %(phrase)s to confirm") % {"phrase": phrase}
        self.fields["typed"].widget.attrs["autocomplete"] = "off"

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"]).strip()
        if typed.upper() != self.phrase:
            raise ValidationError(gettext("Write exactly %(phrase)s.") % {"phrase": self.phrase})
        return typed


class HoldForm(forms.Form):
    reason = forms.CharField(label=_("Why is it held?"), max_length=300)
