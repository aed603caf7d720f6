"""What a reporter sends from the page of the own report."""

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import MAX_TEXT


class WrongForm(forms.Form):
    reason = forms.CharField(
        label=_("What is wrong?"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say what is wrong, so that the next person knows.")},
    )


class FactsForm(forms.Form):
    facts = forms.CharField(
        label=_("What do you want to add?"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("The text is empty. Write what you want to add.")},
    )
