"""What an admin accepts, as sent from the page of the policy."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from classifier.services.acting import Asked

LARGEST_ERROR, LARGEST_COST = 50, 1000


def _percent(**more: Any) -> forms.FloatField:
    field = forms.FloatField(max_value=LARGEST_ERROR, **more)
    field.widget.attrs |= {"step": "any", "inputmode": "decimal"}
    return field


class PolicyForm(forms.Form):
    """Percent where people read percent. `categories`: those that may have an error and a cost of their own."""

    error = _percent(
        label=_("Wrong reports that you accept (%)"),
        min_value=0.1,
        help_text=_(
            "Of a hundred that nobody looks at. The confidence from which on they are accepted follows from it."
        ),
    )
    auto_accept = forms.BooleanField(
        label=_("Accept reports automatically"),
        required=False,
        help_text=_("Off: all of them wait for a person, as suggestions."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("It stands in the history, for whoever asks later."),
    )

    def __init__(self, *args: Any, categories: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = list(categories)
        for number, name in enumerate(self.categories):
            self.fields[f"error_{number}"] = _percent(
                label=_("Wrong reports accepted of %(category)s (%%)") % {"category": name}, min_value=0, required=False
            )
            self.fields[f"cost_{number}"] = forms.FloatField(
                label=_("Cost of a wrong label of %(category)s, in looks") % {"category": name},
                min_value=1,
                max_value=LARGEST_COST,
                required=False,
            )
            self.fields[f"cost_{number}"].widget.attrs |= {"step": "any", "inputmode": "decimal"}

    @classmethod
    def initial_of(cls, asked: Asked, categories: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {"error": _short(100 * asked.error), "auto_accept": asked.auto_accept}
        for number, name in enumerate(categories):
            if name in asked.errors:
                found[f"error_{number}"] = _short(100 * asked.errors[name])
            if name in asked.costs:
                found[f"cost_{number}"] = _short(asked.costs[name])
        return found

    @property
    def rows(self) -> Iterator[tuple[str, forms.BoundField, forms.BoundField]]:
        """Each category with its two fields."""
        for number, name in enumerate(self.categories):
            yield name, self[f"error_{number}"], self[f"cost_{number}"]

    @property
    def asked(self) -> Asked:
        sent = self.cleaned_data
        return Asked(
            error=sent["error"] / 100,
            auto_accept=sent["auto_accept"],
            errors={name: value / 100 for name, value in self._of_categories("error").items()},
            costs=self._of_categories("cost"),
        )

    def _of_categories(self, field: str) -> Mapping[str, float]:
        values = {name: self.cleaned_data.get(f"{field}_{number}") for number, name in enumerate(self.categories)}
        return {name: value for name, value in values.items() if value is not None}


def _short(value: float) -> float:
    return float(f"{value:.6g}")
