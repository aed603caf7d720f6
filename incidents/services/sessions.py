"""Sessions of people: those that they started by signing in."""

import time
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.utils import timezone

from config.store import delete_in_steps
from incidents.models import User

BEGAN, SEEN = "began", "seen"  # in a session: seconds since 1970
SETTLED = timedelta(days=1)  # a sign-in writes its two rows one after the other


def note_start(session: SessionBase) -> None:
    session[BEGAN] = session[SEEN] = time.time()


def end_sessions(user: User, *, besides: str = "") -> int:
    """End the account's sessions, but for the one with the key `besides`; gives how many."""
    ended = UserSession.objects.filter(user=user).exclude(session_key=besides)
    for session in ended:
        session.end()
    return len(ended)


def forget_ended_sessions() -> None:
    """Delete what is left of sessions that are over, address and browser too, some at a time."""
    delete_in_steps(Session.objects.filter(expire_date__lt=timezone.now()))
    going_on = Session.objects.values("session_key")
    left = UserSession.objects.exclude(session_key__in=going_on)
    delete_in_steps(left.filter(last_seen_at__lt=timezone.now() - SETTLED))
