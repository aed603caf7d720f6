"""Events over HTTP: accepted at once, processed by a worker."""

import uuid
from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.access import Access
from config.api.bodies import PayloadTooLarge
from config.api.errors import Conflict, ErrorSerializer
from events.models import EventSource
from events.services.inbox import MOST_LINES, KeyReused, SourceOff, accept
from events.stream.bodies import BrokenBody, lines_of_body
from events.stream.formats import FORMATS, UnknownFormat
from incidents.models import ApiToken

MOST_BYTES = 16_000_000
LONGEST_KEY = 80


class _Lines(BaseParser):
    """Hands the body on as it came, up to a size."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body: bytes = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise PayloadTooLarge(f"The body is larger than {MOST_BYTES:,} bytes; send fewer events at once.")
        return body


class Ndjson(_Lines):
    media_type = "application/x-ndjson"


class JsonArray(_Lines):
    media_type = "application/json"


class PlainText(_Lines):
    media_type = "text/*"


class AcceptedSerializer(serializers.Serializer[Any]):
    """What was taken in. Broken lines are found while processing and become dead letters."""

    batch = serializers.IntegerField()
    lines = serializers.IntegerField()
    repeated = serializers.BooleanField(help_text="Whether this very batch had been accepted before.")


class EventIngest(APIView):
    """Events of one source."""

    access = {"POST": Access("events.ingest_events", ApiToken.Scope.EVENTS_WRITE)}
    parser_classes = [Ndjson, JsonArray, PlainText]

    @extend_schema(
        summary="Send events",
        description=f"JSON lines, a JSON array, or lines of any format that is known; at most {MOST_LINES:,} events and"
        f" {MOST_BYTES:,} bytes. Send an `Idempotency-Key` header with each batch, so that a repeated one counts once.",
        parameters=[
            OpenApiParameter("source", str, required=True, description="The source's name."),
            OpenApiParameter("format", str, enum=["auto", *FORMATS], description="Instead of the source's own."),
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER),
        ],
        request={"application/x-ndjson": bytes, "application/json": list[dict[str, Any]], "text/plain": bytes},
        responses={202: AcceptedSerializer, **dict.fromkeys([400, 401, 403, 404, 409, 413, 415], ErrorSerializer)},
    )
    def post(self, request: Request) -> Response:
        source = get_object_or_404(EventSource, name=str(request.query_params.get("source", "")).replace("\0", ""))
        try:
            lines = lines_of_body(cast(bytes, request.data), request.content_type or "", MOST_LINES)
            accepted = accept(source, lines, key=_key(request), format=_format(request))
        except (BrokenBody, UnknownFormat) as error:
            raise exceptions.ParseError(str(error)) from error
        except (SourceOff, KeyReused) as error:
            raise Conflict(str(error)) from error
        told = {"batch": accepted.batch.pk, "lines": accepted.batch.lines, "repeated": not accepted.created}
        return Response(told, status.HTTP_202_ACCEPTED)


def _key(request: Request) -> str:
    """The sender's key; without one, a repeated batch is a new one."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise exceptions.ParseError(f"Idempotency-Key: write at most {LONGEST_KEY} printable characters.")
    return key or uuid.uuid4().hex


def _format(request: Request) -> str:
    name = str(request.query_params.get("format", ""))
    if name and name != "auto" and name not in FORMATS:
        raise exceptions.ParseError(f"There is no format {name[:40]!r}; there are auto, {', '.join(FORMATS)}.")
    return name
