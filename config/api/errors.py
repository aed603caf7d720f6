"""How errors are told: as JSON, with a sentence."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from config.api.bodies import PayloadTooLarge


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "The present state does not allow this."


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error: a sentence, and for a refused body what is wrong with which field."""

    detail = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


def handle_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """The project's exception handler: `{"detail": sentence}`, with `fields` for a body that was refused.

    Django's ValidationError becomes 400. Anything else that is no API error passes on to Django.
    """
    if isinstance(error, DjangoValidationError):
        error = serializers.ValidationError(serializers.as_serializer_error(error))
    if isinstance(error, RequestDataTooBig):
        error = PayloadTooLarge()
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
