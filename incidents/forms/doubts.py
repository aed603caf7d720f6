"""Which doubts are shown, and what is to become of one."""

from typing import Any

from django import forms

from classifier.models import Doubt

KEEP, CHANGE, OPEN, ASK_AGAIN = "keep", "change", "open", "again"


class DoubtFilter(forms.Form):
    """`state` in the address; an unknown or missing one is what is open."""

    state = forms.ChoiceField(choices=Doubt.State, required=False)

    @property
    def chosen(self) -> str:
        self.is_valid()
        cleaned: dict[str, Any] = getattr(self, "cleaned_data", {})
        return cleaned.get("state") or Doubt.State.OPEN


class DoubtForm(forms.Form):
    action = forms.ChoiceField(choices=[(name, name) for name in (KEEP, CHANGE, OPEN, ASK_AGAIN)])
