"""Which days the dashboard looks at; they stand in the address."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from incidents.services.dashboard_span import LONGEST, Span

PRESETS = (7, 30, 90, 365)  # days
DEFAULT = 30
EARLIEST_YEAR = 1990


class DayInput(forms.DateInput):
    """The browser's own picker, which wants and sends ISO dates whatever the language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SpanForm(forms.Form):
    """`days` is a preset; `from` and `to`, both included, go before it."""

    days = forms.TypedChoiceField(coerce=int, choices=[(days, days) for days in PRESETS], required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.DateField(
                label=label, required=False, widget=DayInput(), input_formats=["%Y-%m-%d"]
            )

    def clean(self) -> dict[str, Any]:
        days: dict[str, Any] = super().clean() or {}
        first, last = days.get("from"), days.get("to")
        if self.errors or (first is None and last is None):
            return days
        if first is None or last is None:
            raise forms.ValidationError(gettext("Give both days, the first and the last."))
        self._check(Span(first, last))
        return days

    def _check(self, span: Span) -> None:
        if span.first.year < EARLIEST_YEAR:
            self.add_error("from", gettext("Choose a first day from %(year)s on.") % {"year": EARLIEST_YEAR})
        elif span.last > timezone.localdate():
            self.add_error("to", gettext("Choose a last day that is not in the future."))
        elif span.last < span.first:
            self.add_error("to", gettext("The last day lies before the first."))
        elif span.days > LONGEST:
            self.add_error("to", gettext("At most %(days)s days are shown at once.") % {"days": LONGEST})

    @property
    def span(self) -> Span:
        """What was asked for; the last 30 days where nothing was, or nothing that can be shown."""
        if not self.is_valid():
            return Span.of_days(DEFAULT)
        if self.cleaned_data["from"]:
            return Span(self.cleaned_data["from"], self.cleaned_data["to"])
        return Span.of_days(self.cleaned_data["days"] or DEFAULT)

    @property
    def presets(self) -> list[tuple[int, str, bool]]:
        """(days, words, whether it is shown now)."""
        chosen = None if not self.is_valid() or self.cleaned_data["from"] else self.cleaned_data["days"] or DEFAULT
        return [(days, _words(days), days == chosen) for days in PRESETS]


def _words(days: int) -> str:
    return gettext("1 year") if days == 365 else ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
