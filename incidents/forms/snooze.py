"""Until when a report is set aside."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST = dt.timedelta(days=366)


class SnoozeForm(forms.Form):
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Write the date as 2026-12-31.")},
    )
    for_answer = forms.BooleanField(label=_("Until the reporter answers"), required=False)

    def clean_until(self) -> dt.datetime | None:
        """The beginning of that day where the person is."""
        day = self.cleaned_data["until"]
        if day is None:
            return None
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day after today."))
        if day > timezone.localdate() + LONGEST:
            raise forms.ValidationError(_("Choose a day within a year, so that somebody looks at it again."))
        return timezone.make_aware(dt.datetime.combine(day, dt.time.min))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned["until"] and not cleaned["for_answer"]:
            raise forms.ValidationError(_("Choose a day, or until the reporter answers, or both."))
        return cleaned
