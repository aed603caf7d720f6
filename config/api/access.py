"""Who may call: permissions of the person, and scopes of the token.

Django REST framework loads this module while it loads its own views, so it must not import those.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from incidents.models import ApiToken, User
from incidents.services import second_factor
from incidents.services.tokens import covers

if TYPE_CHECKING:
    from rest_framework.views import APIView


@dataclass(frozen=True)
class Access:
    """What a request needs: a permission of the person (none when empty) and, of a token, a scope (any when empty)."""

    permission: str = ""
    scope: str = ""


class MayAccess(BasePermission):
    """Reads `view.access`, a table from method to Access; what the table lacks is refused."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if request.method == "OPTIONS" or not hasattr(view, str(request.method).lower()):
            return True  # the answer is 405, not 403
        access = getattr(view, "access", {}).get("GET" if request.method == "HEAD" else request.method)
        return access is not None and _allowed(request, access)


def _allowed(request: Request, access: Access) -> bool:
    if access.permission and not request.user.has_perm(access.permission):
        raise exceptions.PermissionDenied("Your account may not do this; ask an admin for the role that may.")
    if second_factor.is_required(caller(request)) and not second_factor.has_one(caller(request)):
        raise exceptions.PermissionDenied("Admins need a second factor: set it up on the site, then use the token.")
    if request.auth is not None and access.scope and not covers(cast(ApiToken, request.auth), access.scope):
        raise exceptions.PermissionDenied(f"This token lacks the scope {access.scope}; create one that has it.")
    return True


def caller(request: Request) -> User:
    """The person behind a request that `MayAccess` has let through."""
    return cast(User, request.user)


class TokenAuthentication(KnoxAuthentication):
    """Knox tokens: `Authorization: Token ...`; bytes that are no token are refused like any wrong token."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isalnum():
            raise exceptions.AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token: ApiToken) -> bool:
        """Whether this token has expired; Knox would look through all of the person's tokens at each call."""
        expired = auth_token.expiry is not None and auth_token.expiry < timezone.now()
        if expired:
            auth_token.delete()
        return expired
