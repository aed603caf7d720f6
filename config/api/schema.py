"""What the API's documentation says of tokens, and the answer to addresses that it does not list."""

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


@extend_schema(exclude=True)
class Nothing(APIView):
    """Answers addresses below the API that do not exist, as JSON."""

    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound("There is no such address; /api/docs/ lists them.")
