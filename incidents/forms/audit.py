"""Which audit events are shown."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class AuditFilter(forms.Form):
    kind = forms.CharField(
        label=_("Kind"), required=False, max_length=60, help_text=_("How it begins: account, model.promote")
    )
    person = forms.CharField(label=_("Person"), required=False, max_length=150)
    report = forms.IntegerField(label=_("Report"), required=False, min_value=1, max_value=2**62)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    @property
    def chosen(self) -> dict[str, Any]:
        """What was understood; a field with an error narrows nothing and says so beside it."""
        self.is_valid()
        return self.cleaned_data
