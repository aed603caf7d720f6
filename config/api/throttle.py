"""How often a token, or a person without one, may call the API."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.limits import Limit, TooMany, count
from incidents import policy

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ByToken(BaseThrottle):
    """Each token by itself: a program that runs wild does not keep the others of its owner out."""

    seconds: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        caller = f"token:{request.auth.pk}" if request.auth is not None else f"account:{request.user.pk}"
        try:
            count(request._request, Limit("api", policy.value("api_calls_a_minute"), 60), of=caller)
        except TooMany as refused:
            self.seconds = refused.seconds
            return False
        return True

    def wait(self) -> float | None:
        return self.seconds
