"""Changes of policy by an admin."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

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
        raise ValidationError(gettext("There is no setting %(key)s.") % {"key": repr(key)})
    new = _typed(POLICIES[key], raw)
    audit.record("setting.changed", actor=by, subject=key, before=value(key), after=new)
    return Setting.objects.create(key=key, value=new, set_by=by)


def _typed(policy: Policy, raw: Any) -> bool | int | float:
    if isinstance(policy.default, bool):
        if not isinstance(raw, bool):
            raise ValidationError(gettext("%(label)s: choose yes or no.") % {"label": gettext(policy.label)})
        return raw
    try:
        number = type(policy.default)(raw)
    except (TypeError, ValueError) as error:
        raise ValidationError(gettext("%(label)s: write a number.") % {"label": gettext(policy.label)}) from error
    if not policy.minimum <= number <= policy.maximum:
        raise ValidationError(
            gettext("%(label)s: write a number from %(minimum)s to %(maximum)s.")
            % {"label": gettext(policy.label), "minimum": f"{policy.minimum:g}", "maximum": f"{policy.maximum:g}"}
        )
    return number
