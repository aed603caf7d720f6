"""How sign-in and sign-up behave."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from config import sealing
from config.clients import address_of
from config.limits import TooMany, longest_window
from incidents import policy
from incidents.models import User
from incidents.roles import REPORTER
from incidents.services import audit


class AccountAdapter(DefaultAccountAdapter):
    """New accounts are reporters; an admin gives other roles, and decides whether sign-up is open."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(policy.value("open_sign_up"))

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user = super().save_user(request, user, form, commit)
        return _as_reporter(user)

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Too many failures are no mistake in a form: they get the answer that says when to come back."""
        if code == "too_many_login_attempts":
            raise TooMany(longest_window("login_failed"))
        error: ValidationError = super().validation_error(code, *args)
        return error

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A failed sign-in of an account that there is tells its number; of none, nothing of what was typed."""
        name, email = credentials.get("username"), credentials.get("email")
        known = User.objects.filter(username__iexact=name) if name else User.objects.filter(email__iexact=email)
        account = known.first() if name or email else None
        subject = audit.about(account) if account else ""
        audit.record("account.sign_in_failed", subject=subject, known=account is not None)


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of second factors are sealed by the server's key: a copy of the database alone shows no code."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Whom the OpenID Connect provider knows gets a reporter's account of their own, whether sign-up is open or not.

    An account that is there is never found by an e-mail address: its owner signs in and ties the provider to it.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """An address that the provider has not verified is nobody's: it is not kept."""
        sociallogin.email_addresses = [address for address in sociallogin.email_addresses if address.verified]
        if not sociallogin.is_existing and not sociallogin.email_addresses:
            sociallogin.user.email = ""

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Any:
        return _as_reporter(super().save_user(request, sociallogin, form))


def _as_reporter(user: Any) -> Any:
    user.groups.add(Group.objects.get(name=REPORTER))
    return user
