"""Sessions of people: those that they started by signing in."""

import time
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.utils import timezone

from incidents.models import User

BEGAN, SEEN = "began", "seen"  # in a session: seconds since 1970
SURELY_OVER = timedelta(days=1)


def note_start(session: SessionBase) -> None:
    session[BEGAN] = session[SEEN] = time.time()


def end_sessions(user: User, *, besides: str = "") -> int:
    """End the account's sessions, but for the one with the key `besides`; gives how many."""
    ended = UserSession.objects.filter(user=user).exclude(session_key=besides)
    for session in ended:
        session.end()
    return len(ended)


def forget_ended_sessions() -> None:
    """Delete what sessions leave that ended by themselves, address and browser too."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    going_on = Session.objects.values("session_key")
    left = UserSession.objects.filter(last_seen_at__lt=timezone.now() - SURELY_OVER).exclude(session_key__in=going_on)
    left.delete()
