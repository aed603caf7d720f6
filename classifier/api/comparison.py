"""Version 1 of the API: one version beside another."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.api.views import CHANGE_ERRORS, ERRORS, MANAGE, READ
from classifier.forms import CompareForm
from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY
from classifier.services.pair_runs import latest_pair_run, request_pair
from classifier.services.versus import Versus, rival, versus
from config.api.access import caller
from config.api.errors import Conflict, ErrorSerializer

PLAIN: dict[type, type[serializers.Field[Any, Any, Any, Any]]] = {
    bool: serializers.BooleanField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
    datetime: serializers.DateTimeField,
}
WITH = OpenApiParameter("with", int, description="The other version's number; by default the champion's.")


def described(kind: Any, **options: Any) -> serializers.Field[Any, Any, Any, Any]:
    """A field that describes a type of a dataclass, so that the schema says what is told and cannot lag behind it."""
    if get_origin(kind) is UnionType:
        return described(next(one for one in get_args(kind) if one is not type(None)), allow_null=True, **options)
    if get_origin(kind) is Sequence:
        return serializers.ListField(child=described(get_args(kind)[0]), **options)
    return PLAIN[kind](**options) if kind in PLAIN else serializer_of(kind)(**options)


@cache
def serializer_of(kind: Any) -> type[serializers.Serializer[Any]]:
    hints = get_type_hints(kind)
    parts = {one.name: described(hints[one.name]) for one in fields(kind)}
    return type(f"Comparison{kind.__name__}Serializer", (serializers.Serializer,), parts | {"__doc__": kind.__doc__})


VersusSerializer = serializer_of(Versus)


class RequestedSerializer(serializers.Serializer[Any]):
    """How far the measurement is."""

    state = serializers.CharField(help_text="queued, running, done or failed")


class Comparison(APIView):
    """One version of the line that sorts reports beside another one, on the same test reports."""

    access = {"GET": READ, "POST": MANAGE}

    @extend_schema(
        summary="Compare two versions",
        parameters=[WITH],
        responses={200: VersusSerializer, 404: ErrorSerializer, **ERRORS},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(versus(*_pair(request, pk)).to_json())

    @extend_schema(
        summary="Have two versions measured on the same test reports",
        parameters=[WITH],
        request=None,
        responses={202: RequestedSerializer, **CHANGE_ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        version, other = _pair(request, pk)
        if request_pair(version, other, caller(request)) is None:
            raise Conflict("They are being measured already.")
        latest = latest_pair_run(version, other)
        return Response({"state": latest.state.status if latest else ""}, status.HTTP_202_ACCEPTED)


def _pair(request: Request, pk: int) -> tuple[ModelVersion, ModelVersion]:
    version = get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk, line=CLASSIFY)
    form = CompareForm(request.query_params)
    other = (form.cleaned_data["other"] or rival(version)) if form.is_valid() else None
    if other is None or other == version:
        raise Http404
    return version, other
