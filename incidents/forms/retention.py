"""How many days reports are kept: one field for each category, and one for all others."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Category, RetentionRule
from incidents.services.retention import LONGEST

OTHERS = "others"


class RetentionForm(forms.Form):
    """Empty is for ever; a category without a rule of its own goes by that of all others."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        rules = RetentionRule.objects.in_force()
        self.categories: dict[str, int | None] = {OTHERS: None}
        labels = {OTHERS: str(_("All other categories"))}
        for category in Category.objects.in_use():
            self.categories[f"category-{category.pk}"] = category.pk
            labels[f"category-{category.pk}"] = category.name
        super().__init__(data, initial={name: rules.get(pk) for name, pk in self.categories.items()})
        for name in self.categories:
            self.fields[name] = forms.IntegerField(
                label=labels[name], required=False, min_value=1, max_value=LONGEST
            )  # fmt: skip

    @property
    def days(self) -> dict[int | None, int | None]:
        """What was written; a category that is empty and never had a rule has none."""
        known = RetentionRule.objects.in_force()
        written = {pk: self.cleaned_data[name] for name, pk in self.categories.items()}
        return {pk: kept for pk, kept in written.items() if kept is not None or known.get(pk) is not None}
