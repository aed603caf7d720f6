"""Tokens for programs: made once, shown once, limited to their scopes, revoked at any time."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from incidents.models import ApiToken, User
from incidents.services import audit

LONGEST = 365  # days; a token that never ends is one that nobody remembers


@transaction.atomic
def create_token(user: User, *, name: str, scopes: Sequence[str], days: int = 90) -> tuple[ApiToken, str]:
    """A token and its secret, which is stored only as a hash: show it now, it cannot be had again.

    Raises ValidationError for an empty name, no or unknown scopes, or a life outside 1 to 365 days.
    """
    _check(name, scopes, days)
    token, secret = ApiToken.objects.create(
        user, expiry=timedelta(days=days), name=name.strip(), scopes=sorted(set(scopes))
    )
    audit.record("token.created", actor=user, subject=audit.about(user), scopes=token.scopes, days=days)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User) -> None:
    """End a token at once."""
    audit.record("token.revoked", actor=by, subject=audit.about(token.user_id))
    token.delete()


def covers(token: ApiToken, scope: str) -> bool:
    return scope in token.scopes


def _check(name: str, scopes: Sequence[str], days: int) -> None:
    if not name.strip() or len(name.strip()) > 80:
        raise ValidationError({"name": "Give the token a name of 1 to 80 characters that says what uses it."})
    if not scopes:
        raise ValidationError({"scopes": "Choose at least one scope."})
    if unknown := sorted(set(scopes) - set(ApiToken.Scope.values)):
        raise ValidationError({"scopes": f"There is no scope {unknown[0]!r}; use {', '.join(ApiToken.Scope.values)}."})
    if not 1 <= days <= LONGEST:
        raise ValidationError({"days": f"A token lives from 1 to {LONGEST} days."})
