"""What every API view shares: who may, how bodies are read, how errors are told, how lists are paged."""

from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.utils import extend_schema
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework import exceptions, serializers, status
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from incidents.services.tokens import covers


@dataclass(frozen=True)
class Access:
    """What a request needs: a permission of the person (none when empty) and, of a token, a scope (any when empty)."""

    permission: str = ""
    scope: str = ""


class MayAccess(BasePermission):
    """Reads `view.access`, a table from method to Access; what the table lacks is refused."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if not hasattr(view, str(request.method).lower()):
            return True  # the answer is 405, not 403
        access = getattr(view, "access", {}).get("GET" if request.method == "HEAD" else request.method)
        return access is not None and _allowed(request, access)


def _allowed(request: Request, access: Access) -> bool:
    if access.permission and not request.user.has_perm(access.permission):
        raise exceptions.PermissionDenied("Your account may not do this; ask an admin for the role that may.")
    if request.auth is not None and access.scope and not covers(request.auth, access.scope):
        raise exceptions.PermissionDenied(f"This token lacks the scope {access.scope}; create one that has it.")
    return True


class TokenAuthentication(KnoxAuthentication):
    """Knox tokens: `Authorization: Token ...`; bytes that are no token are refused like any wrong token."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isalnum():
            raise exceptions.AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)


class ApiTokenScheme(KnoxTokenScheme):  # type: ignore[misc,no-untyped-call]
    """How the API's documentation names the tokens."""

    target_class = "config.api.TokenAuthentication"
    name = "apiToken"


class PayloadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes; a report is far smaller."


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "The present state does not allow this."


class JsonParser(JSONParser):
    """JSON of bounded size and depth."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        length = parser_context["request"].META.get("CONTENT_LENGTH") or 0
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise PayloadTooLarge
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deeply.") from error


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know, so that a misspelt one is not silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            known = ", ".join(self.fields)
            raise serializers.ValidationError({name: [f"There is no such field; use {known}."] for name in unknown})
        return super().to_internal_value(data)


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error: a sentence, and for a refused body what is wrong with which field."""

    detail = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


class NewestFirst(CursorPagination):
    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


def handle_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """The project's exception handler: `{"detail": sentence}`, with `fields` for a body that was refused.

    Django's ValidationError becomes 400. Anything else that is no API error passes on to Django.
    """
    if isinstance(error, DjangoValidationError):
        error = serializers.ValidationError(serializers.as_serializer_error(error))
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.ValidationError):
        response.data = _refused(error.detail)
    return response


def _refused(detail: Any) -> dict[str, Any]:
    fields = {str(name): _sentences(part) for name, part in detail.items()} if isinstance(detail, dict) else {}
    general = fields.pop("non_field_errors", []) if fields else _sentences(detail)
    named = [f"{name}: {sentence}" for name, sentences in fields.items() for sentence in sentences]
    return {"detail": " ".join([*general, *named]), **({"fields": fields} if fields else {})}


def _sentences(part: Any) -> list[str]:
    """The sentences of an error detail, however deep they lie in it."""
    if isinstance(part, dict):
        return [sentence for inner in part.values() for sentence in _sentences(inner)]
    if isinstance(part, list):
        return [sentence for inner in part for sentence in _sentences(inner)]
    return [str(part)]


@extend_schema(exclude=True)
class Nothing(APIView):
    """Answers addresses below the API that do not exist, as JSON."""

    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound("There is no such address; /api/docs/ lists them.")
