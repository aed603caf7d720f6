"""What happens at the door, written down: sign-ins, failures, second factors, passwords.

allauth tells these by signals and in no other way. No address and nothing that was typed is kept: audit events are
never deleted, and people put their password into the field for the name.
"""

from typing import Any

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in
from django.dispatch import Signal
from django.http import HttpRequest

from incidents.models import User
from incidents.services import audit, second_factor
from incidents.services.sessions import end_sessions, note_start


def listen() -> None:
    """Connect; safe to call again."""
    heard = (
        (user_logged_in, _started),
        (account.user_logged_in, _signed_in),
        (account.user_signed_up, _signed_up),
        (account.user_logged_out, _signed_out),
        (mfa.authenticator_added, _factor_added),
        (mfa.authenticator_used, _factor_used),
        (mfa.authenticator_removed, _factor_removed),
        (mfa.authenticator_reset, _codes_renewed),
        (mfa.authentication_failed, _factor_failed),
    )
    for signal, receiver in heard:
        signal.connect(receiver, dispatch_uid=f"caseloop-{receiver.__name__}")
    for word, signal in _PASSWORDS.items():
        signal.connect(_password_changed, dispatch_uid=f"caseloop-password-{word}")


_PASSWORDS: dict[str, Signal] = {
    "set": account.password_set,
    "changed": account.password_changed,
    "reset": account.password_reset,
}


def _started(request: HttpRequest, **_: Any) -> None:
    note_start(request.session)


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    records = get_authentication_records(request, user)
    ways = [record.get("type") or record.get("provider") or record["method"] for record in records]
    audit.record("account.signed_in", actor=user, subject=audit.about(user), by=ways)


def _signed_up(user: User, **_: Any) -> None:
    audit.record("account.signed_up", actor=user, subject=audit.about(user))


def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record("account.signed_out", actor=user, subject=audit.about(user))


def _password_changed(signal: Signal, user: User, **_: Any) -> None:
    word = next(word for word, one in _PASSWORDS.items() if one is signal)
    audit.record(f"account.password_{word}", actor=user, subject=audit.about(user))


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Whoever adds a factor has shown it. Sessions that began before there was one end."""
    _record("added", user, authenticator)
    if authenticator.type in second_factor.FACTORS:
        second_factor.note_shown(user, request.session)
        end_sessions(user, besides=str(request.session.session_key))


def _factor_used(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    second_factor.note_shown(user, request.session)
    if authenticator.type == second_factor.Kind.RECOVERY_CODES:
        authenticator.refresh_from_db()  # the form's own was read before the code was used up
        _record("code_used", user, authenticator, left=len(authenticator.wrap().get_unused_codes()))


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _record("removed", user, authenticator)
    if not second_factor.has_one(user):
        request.session.pop(second_factor.SHOWN, None)
        end_sessions(user, besides=str(request.session.session_key))


def _codes_renewed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _record("codes_renewed", user, authenticator)


def _factor_failed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _record("failed", user, authenticator)


def _record(what: str, user: User, authenticator: Authenticator, **detail: Any) -> None:
    factor = str(authenticator.type)
    audit.record(f"second_factor.{what}", actor=user, subject=audit.about(user), factor=factor, **detail)
