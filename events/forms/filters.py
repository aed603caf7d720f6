"""What people send from the pages of filters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import EventSource, Filter
from events.services.filter_drafts import Draft, FilterRefused
from events.stream.sigma import InvalidRule, UnsupportedRule, compile_rule
from events.stream.sigma_yaml import MOST_BYTES

LONGEST_NAME = 190  # with "rule: " before it, it is the cause of a detection
SHOWN_AS = "%Y-%m-%dT%H:%M"

EXAMPLE = """\
title: Backups by the backup account
logsource:
  product: caseloop
detection:
  who:
    user.name: backup
  what:
    message|startswith: Backup of
  condition: who and what
"""


class FilterForm(forms.Form):
    """`draft` of the cleaned data is what the services take."""

    kind = forms.ChoiceField(
        choices=[
            (Filter.Kind.FILTER, _("Filter: known to be harmless, its events are not scored")),
            (Filter.Kind.SUPPRESSION, _("Suppression: harmless until a date")),
            (Filter.Kind.RULE, _("Detection rule: its events are picked whatever their score")),
        ],
        initial=Filter.Kind.FILTER,
        label=_("What follows"),
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    sigma = forms.CharField(
        label=_("Condition"),
        max_length=MOST_BYTES,
        strip=False,
        initial=EXAMPLE,
        help_text=_(
            "A Sigma rule in YAML; you can paste one. It looks at one event, and each of its words at a field."
        ),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocapitalize": "off"}),
    )
    name = forms.CharField(max_length=LONGEST_NAME, required=False, help_text=_("Empty: the title of the rule."))
    source = forms.ModelChoiceField(
        EventSource.objects.all(), required=False, empty_label=_("Every source, or the one that the rule names")
    )
    reason = forms.CharField(max_length=500, help_text=_("Why it is right, for whoever finds it in a year."))
    expires_at = forms.DateTimeField(
        label=_("Expires"),
        required=False,
        help_text=_("A suppression needs an end; the others may have one."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=SHOWN_AS),
    )

    def __init__(self, data: Any = None, *, row: Filter | None = None) -> None:
        self.row = row
        shown = ("kind", "sigma", "name", "source", "reason", "expires_at")
        super().__init__(data, initial={name: getattr(row, name) for name in shown} if row else None)

    def clean_sigma(self) -> str:
        sigma: str = self.cleaned_data["sigma"].replace("\r\n", "\n").strip() + "\n"
        try:
            self.title = compile_rule(sigma).title
        except (InvalidRule, UnsupportedRule) as error:
            raise forms.ValidationError(str(error)) from error
        return sigma

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        return name or getattr(self, "title", "")[:LONGEST_NAME]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                cleaned["draft"] = Draft(**cleaned).checked(self.row.pk if self.row else None)
            except FilterRefused as error:
                self.add_error(error.field or None, str(error))
        return cleaned


class MoveForm(forms.Form):
    """`back` is the page to return to; the filter's own if it names none."""

    step = forms.TypedChoiceField(choices=[(-1, "Earlier"), (1, "Later")], coerce=int)
    back = forms.ChoiceField(choices=[("filters", "")], required=False)
