"""The settings page's form: one field for each policy, made from what stands in `incidents.policy`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext

from incidents.models import Setting
from incidents.policy import POLICIES, Policy, value


@dataclass(frozen=True)
class PolicyRow:
    """A setting as the page shows it; `last` is None while the default holds."""

    policy: Policy
    field: forms.BoundField
    last: Setting | None

    @property
    def default(self) -> str:
        default = self.policy.default
        return (gettext("yes") if default else gettext("no")) if isinstance(default, bool) else str(default)


class PolicyForm(forms.Form):
    """Bound to what stands now, so that `changed_data` is what an admin has changed."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={key: value(key) for key in POLICIES})
        self.fields |= {key: _field(policy) for key, policy in POLICIES.items()}

    def rows(self) -> list[PolicyRow]:
        newest = Setting.objects.select_related("set_by").order_by("pk")
        last = {row.key: row for row in newest}
        return [PolicyRow(policy, self[key], last.get(key)) for key, policy in POLICIES.items()]


def _field(policy: Policy) -> forms.Field:
    label, help_text = gettext(policy.label), gettext(policy.help)
    if isinstance(policy.default, bool):
        return forms.BooleanField(label=label, help_text=help_text, required=False)
    low, high = policy.minimum, policy.maximum
    if isinstance(policy.default, int):
        return forms.IntegerField(label=label, help_text=help_text, min_value=int(low), max_value=int(high))
    return forms.FloatField(label=label, help_text=help_text, min_value=low, max_value=high)
