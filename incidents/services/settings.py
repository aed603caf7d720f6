"""Changes of policy by an admin."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from incidents.models import Setting, User
from incidents.policy import POLICIES, Policy, value
from incidents.services import audit


@transaction.atomic
def set_policies(changes: Mapping[str, Any], *, by: User) -> None:
    """Append several settings' new values, all or none. Raises ValidationError as `set_policy` does."""
    for key, raw in changes.items():
        set_policy(key, raw, by=by)


@transaction.atomic
def set_policy(key: str, raw: Any, *, by: User) -> Setting:
    """Append a setting's new value. Raises ValidationError for an unknown key or a value out of range."""
    if key not in POLICIES:
        raise ValidationError(f"There is no setting {key!r}.")
    new = _typed(POLICIES[key], raw)
    audit.record("setting.changed", actor=by, subject=key, before=value(key), after=new)
    return Setting.objects.create(key=key, value=new, set_by=by)


def _typed(policy: Policy, raw: Any) -> bool | int | float:
    if isinstance(policy.default, bool):
        if not isinstance(raw, bool):
            raise ValidationError(f"{policy.label}: choose yes or no.")
        return raw
    try:
        number = type(policy.default)(raw)
    except (TypeError, ValueError) as error:
        raise ValidationError(f"{policy.label}: write a number.") from error
    if not policy.minimum <= number <= policy.maximum:
        raise ValidationError(f"{policy.label}: write a number from {policy.minimum:g} to {policy.maximum:g}.")
    return number
