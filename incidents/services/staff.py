"""Roles of accounts, as an admin gives them."""

from django.db import transaction

from incidents.models import User
from incidents.roles import ADMIN
from incidents.services import audit


@transaction.atomic
def settle_role(user: User, *, before: str, by: User) -> None:
    """After a change of groups: admins, and nobody else, reach the admin pages; a changed role is audited."""
    user.is_staff = user.is_superuser or user.role == ADMIN
    user.save(update_fields=["is_staff"])
    if user.role != before:
        audit.record("account.role", actor=by, subject=audit.about(user), before=before, after=user.role)
