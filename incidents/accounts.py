"""How sign-in and sign-up behave."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import Group
from django.http import HttpRequest

from incidents import policy
from incidents.roles import REPORTER


class AccountAdapter(DefaultAccountAdapter):
    """New accounts are reporters; an admin gives other roles, and decides whether sign-up is open."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(policy.value("open_sign_up"))

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user = super().save_user(request, user, form, commit)
        user.groups.add(Group.objects.get(name=REPORTER))
        return user
