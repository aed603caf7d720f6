"""Sessions of people: those that they started by signing in."""

import time
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from incidents.models import User

BEGAN, SEEN = "began", "seen"  # in a session: seconds since 1970
SETTLED = timedelta(days=1)  # a sign-in writes its two rows one after the other
AT_ONCE = 1_000  # rows of one statement: others wait for a writer of SQLite no longer than that takes


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
    _delete(Session.objects.filter(expire_date__lt=timezone.now()))
    going_on = Session.objects.values("session_key")
    left = UserSession.objects.exclude(session_key__in=going_on)
    _delete(left.filter(last_seen_at__lt=timezone.now() - SETTLED))


def _delete(rows: QuerySet[Any]) -> None:
    while keys := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        rows.model._default_manager.filter(pk__in=keys).delete()
