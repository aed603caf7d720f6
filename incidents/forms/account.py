"""Sign-in, with a label that says what is asked; a new password by mail, where mail can be sent."""

from typing import Any

import structlog
from allauth.account import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from incidents.forms.robots import AGAIN, TrapField

log = structlog.get_logger("incidents.forms.account")


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Username or email"


class SignupForm(forms.SignupForm):
    """With a trap: accounts made by robots would file as people do."""

    website = TrapField()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("website"):
            log.warning("robot", form="sign-up", sign="trap")
            raise ValidationError(AGAIN)
        return cleaned


class ResetPasswordForm(forms.ResetPasswordForm):
    """Refuses where no mail server is set: nobody would get the link."""

    def clean(self) -> dict[str, Any]:
        if not settings.SENDS_MAIL:
            raise ValidationError(gettext("Caseloop sends no mail here. Ask an admin for a new password."))
        cleaned: dict[str, Any] = super().clean()
        return cleaned
