"""What an admin sends from the pages of models."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classifier.ml.config import NO_T5, SMALL_SCRATCH
from classifier.ml.presets import PRESETS
from classifier.models.version import CLASSIFY
from classifier.services.lines import is_line

OTHER = "other"


class TrainingForm(forms.Form):
    """Which model to train; `base_model` of the cleaned data is what the training service takes."""

    base = forms.ChoiceField(
        label=_("Base model"),
        choices=[
            (SMALL_SCRATCH, _("Small T5 from scratch (minutes on a CPU, needs no download)")),
            *(
                (one.name, format_lazy(_("{name} from the Hugging Face hub: {cost}"), name=one.name, cost=one.cost))
                for one in PRESETS
                if one.name != SMALL_SCRATCH
            ),
            (NO_T5, _("None: the linear expert alone (seconds)")),
            (OTHER, _("Another name on the Hugging Face hub, or a folder")),
        ],
        initial=SMALL_SCRATCH,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    other = forms.CharField(
        label=_("Folder or hub name"),
        max_length=300,
        required=False,
        help_text=_("A local folder in Hugging Face format, or a name such as google-t5/t5-small."),
    )
    promote_if_better = forms.BooleanField(label=_("Promote it when it is no worse than the champion"), required=False)
    force = forms.BooleanField(label=_("Train even if nothing has changed since the last training"), required=False)

    @property
    def wanted(self) -> dict[str, Any]:
        """What a training service is asked for; of a valid form."""
        return {name: self.cleaned_data[name] for name in ("base_model", "force", "promote_if_better")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        other = cleaned.get("other", "").strip()
        if cleaned.get("base") == OTHER and not other:
            self.add_error("other", gettext("Write a folder or a hub name, or choose another base model."))
        cleaned["base_model"] = other if cleaned.get("base") == OTHER else cleaned.get("base")
        return cleaned


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
