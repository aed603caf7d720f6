"""What an admin sends from the pages of models."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY
from classifier.services.behind import Chosen, Which
from classifier.services.figure_list import VIEWS
from classifier.services.in_charge import NoSuchMoment, moment_of
from classifier.services.lines import is_line


class LineForm(forms.Form):
    """Which model line an address names; the line of the reports where it names none."""

    line = forms.CharField(max_length=80, required=False, empty_value=CLASSIFY)

    def clean_line(self) -> str:
        line: str = self.cleaned_data["line"]
        if not is_line(line):
            raise forms.ValidationError(gettext("There is no such model line."))
        return line


class MomentForm(forms.Form):
    """A moment, and a report that was there then."""

    NO_REPORT = _("There is no report of that number.")
    HIDDEN = _("Its prediction is hidden until it is decided.")

    moment = forms.CharField(
        label=_("Date"), max_length=40, help_text=_("2026-11-27 for the end of that day, or 2026-11-27 14:30.")
    )
    incident = forms.IntegerField(
        label=_("Report"), required=False, min_value=1, max_value=10**18, help_text=_("Its number.")
    )

    def clean_moment(self) -> dt.datetime:
        try:
            return moment_of(self.cleaned_data["moment"])
        except NoSuchMoment as error:
            raise forms.ValidationError(str(error)) from error


class ForceForm(forms.Form):
    """Why a version is to be in charge although the gate refuses it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The second person reads it, and it stands in the history."),
    )


class AnswerForm(forms.Form):
    """What the second person says to a forced promotion."""

    answer = forms.CharField(max_length=500, required=False)


class PromotionForm(forms.Form):
    """Why the pointer moves."""

    reason = forms.CharField(
        max_length=500, required=False, help_text=_("It stands in the history, for whoever asks later.")
    )


class AcknowledgeForm(forms.Form):
    """Why an alarm of drift is all right."""

    note = forms.CharField(label=_("Why it is all right"), max_length=500)


class _OtherVersion(forms.Form):
    """Names a second version of the line that sorts reports by the parameter `with`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = ModelVersion.objects.filter(line=CLASSIFY).select_related("snapshot")
        self.fields["with"] = forms.ModelChoiceField(versions, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        return cleaned | {"other": cleaned.get("with")}


class CompareForm(_OtherVersion):
    """Whom a version is compared with."""


class ReportsForm(_OtherVersion):
    """Which test reports of a version are shown. A label that is empty is the one of reports without a sub-category."""

    view = forms.ChoiceField(choices=VIEWS, required=False)
    which = forms.ChoiceField(choices=Which.choices, required=False)
    true = forms.CharField(required=False, strip=False)
    said = forms.CharField(required=False, strip=False)

    @property
    def chosen(self) -> Chosen:
        """Of a valid form."""
        cleaned = self.cleaned_data
        return Chosen(
            view=cleaned["view"] or Chosen.view,
            which=cleaned["which"] or Which.ALL,
            true=cleaned["true"] if "true" in self.data else None,
            said=cleaned["said"] if "said" in self.data else None,
        )
