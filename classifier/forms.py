"""What an admin sends from the pages of models."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classifier.models.version import CLASSIFY
from classifier.services.lines import is_line


class LineForm(forms.Form):
    """Which model line an address names; the line of the reports where it names none."""

    line = forms.CharField(max_length=80, required=False, empty_value=CLASSIFY)

    def clean_line(self) -> str:
        line: str = self.cleaned_data["line"]
        if not is_line(line):
            raise forms.ValidationError(gettext("There is no such model line."))
        return line


class PromotionForm(forms.Form):
    """Why the pointer moves."""

    reason = forms.CharField(
        max_length=500, required=False, help_text=_("It stands in the history, for whoever asks later.")
    )


class AcknowledgeForm(forms.Form):
    """Why an alarm of drift is all right."""

    note = forms.CharField(label=_("Why it is all right"), max_length=500)
