"""What the API's documentation says of all operations alike, and the answer to addresses that it does not list."""

from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView


class ApiTokenScheme(KnoxTokenScheme):  # type: ignore[misc,no-untyped-call]
    """How the API's documentation names the tokens."""

    target_class = "config.api.access.TokenAuthentication"
    name = "apiToken"


# Answers that no view gives itself, as the documentation describes them.
NOT_SIGNED_IN = ("401", "There is no token or session, or it does not hold any more.")
NO_SUCH_PAGE = ("404", "There is no such page: a cursor is taken from `next` and `previous` of an answer.")
NOT_ACCEPTABLE = ("406", "The `Accept` header asks for something else than `application/json`.")
BROKEN_BODY = ("400", "The body cannot be read, or a field of it was refused.")
TOO_LARGE = ("413", "The body is too large.")
WRONG_KIND = ("415", "The `Content-Type` is none of those that are listed.")


def add_general_answers(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: each operation lists the answers that come before, or without, its view."""
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, description in _general_answers(operation):
                operation["responses"].setdefault(status, _error(description))
    return result


def _general_answers(operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield NOT_SIGNED_IN
    yield NOT_ACCEPTABLE
    if {"cursor", "page"} & {one["name"] for one in operation.get("parameters", ())}:
        yield NO_SUCH_PAGE
    if "requestBody" in operation:
        yield from (BROKEN_BODY, TOO_LARGE, WRONG_KIND)


def _error(description: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"content": content, "description": description}


@extend_schema(exclude=True)
class Nothing(APIView):
    """Answers addresses below the API that do not exist, as JSON."""

    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound("There is no such address; /api/docs/ lists them.")
