"""Which label somebody wants to know the words of."""

from django import forms
from django.utils.translation import gettext

from incidents.models import Path

LARGEST_NUMBER = 2**63 - 1


class WhyForm(forms.Form):
    """`path` is the most probable label if none is named; `back` the page to return to without a script."""

    path = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_NUMBER)
    back = forms.ChoiceField(required=False, choices=[("incident", ""), ("review-report", "")])

    def clean_path(self) -> int | None:
        number: int | None = self.cleaned_data["path"]
        if number is not None and not Path.objects.filter(pk=number).exists():
            raise forms.ValidationError(gettext("There is no such label."))
        return number
