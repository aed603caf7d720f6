"""Sessions of people: those that they started by signing in."""

import time

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase

from incidents.models import User

BEGAN, SEEN = "began", "seen"  # in a session: seconds since 1970


def note_start(session: SessionBase) -> None:
    session[BEGAN] = session[SEEN] = time.time()


def end_sessions(user: User, *, besides: str = "") -> int:
    """End the account's sessions, but for the one with the key `besides`; gives how many."""
    ended = UserSession.objects.filter(user=user).exclude(session_key=besides)
    for session in ended:
        session.end()
    return len(ended)
