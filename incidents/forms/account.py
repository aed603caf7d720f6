"""Sign-in, with a label that says what is asked; a new password by mail, where mail can be sent."""

from typing import Any

from allauth.account import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Username or email"


class ResetPasswordForm(forms.ResetPasswordForm):
    """Refuses where no mail server is set: nobody would get the link."""

    def clean(self) -> dict[str, Any]:
        if not settings.SENDS_MAIL:
            raise ValidationError(gettext("Caseloop sends no mail here. Ask an admin for a new password."))
        cleaned: dict[str, Any] = super().clean()
        return cleaned
