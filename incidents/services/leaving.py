"""What ends when a person leaves."""

from dataclasses import dataclass

from django.db import transaction

from incidents.models import ApiToken, User
from incidents.services import audit
from incidents.services.sessions import end_sessions
from incidents.services.tokens import revoke_token


@dataclass(frozen=True)
class Ended:
    sessions: int
    tokens: int


@transaction.atomic
def end_access(user: User, *, by: User) -> Ended:
    """End all sessions and tokens of the account. Whoever may still sign in gets new ones: make it inactive, too."""
    tokens = list(ApiToken.objects.filter(user=user).select_related("user"))
    for token in tokens:
        revoke_token(token, by=by)
    ended = Ended(sessions=end_sessions(user), tokens=len(tokens))
    audit.record("account.access_ended", actor=by, subject=audit.about(user), sessions=ended.sessions)
    return ended
