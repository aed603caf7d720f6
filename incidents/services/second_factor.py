"""The second factor of an account: who has to have one, who has one, and how a lost one is taken away."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from incidents.models import User
from incidents.roles import ADMINS_ALONE
from incidents.services import audit
from incidents.services.sessions import end_sessions

SHOWN = "second_factor"  # in a session: the number of the account that has shown a second factor in it
Kind = Authenticator.Type
FACTORS = (Kind.TOTP, Kind.WEBAUTHN)  # recovery codes stand in for one of these, and are none by themselves


def is_required(user: User) -> bool:
    """Whether the account reaches what only admins reach, and this site asks admins for a second factor."""
    return bool(settings.MFA_FOR_ADMINS and _reaches_as_admin(user))


def _reaches_as_admin(user: User) -> bool:
    if user.is_superuser or user.is_staff:
        return True
    return any(name in ADMINS_ALONE for name in user.get_all_permissions())


def has_one(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def was_shown(user: User, session: SessionBase) -> bool:
    """Whether whoever holds this session has shown a second factor in it: it costs no query."""
    return bool(session.get(SHOWN) == user.pk)


def note_shown(user: User, session: SessionBase) -> None:
    session[SHOWN] = user.pk


@transaction.atomic
def reset(user: User, *, by: User | None) -> None:
    """Take away every factor and code of the account and end its sessions. By nobody: from the command line.

    At the next sign-in the password is enough, and an admin sets up another factor before anything else.
    """
    held = Authenticator.objects.filter(user=user)
    kinds = sorted(held.values_list("type", flat=True))
    held.delete()
    end_sessions(user)
    audit.record("second_factor.reset", actor=by, subject=audit.about(user), kinds=kinds)
