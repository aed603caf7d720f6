"""Version 1 of the API: reports, verdicts, the taxonomy."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.access import Access, caller
from config.api.errors import Conflict, ErrorSerializer
from incidents.api import serializers
from incidents.api.filters import IncidentFilter
from incidents.models import ApiToken, Incident
from incidents.models.incident import IncidentQuerySet
from incidents.services import second_opinions
from incidents.services.direct_verdict import decide_directly
from incidents.services.filing import FiledReport, IdempotencyConflict, file_incident
from incidents.services.revealing import PERMISSION, own_disclosed, reveal
from incidents.services.reviewing import ClaimLost

Scope = ApiToken.Scope
ERRORS = dict.fromkeys([400, 401, 403], ErrorSerializer)
LONGEST_KEY = 200


def _visible(request: Request) -> IncidentQuerySet:
    """What the caller may see, with all that the answer needs in a constant number of queries."""
    return Incident.objects.visible_to(request.user).select_related("current_text").with_decided_paths()


@extend_schema(
    methods=["GET"], summary="List reports", responses={200: serializers.IncidentSerializer(many=True), **ERRORS}
)
class IncidentList(generics.ListAPIView[Incident]):
    """Your reports, newest first; analysts see all."""

    serializer_class = serializers.IncidentSerializer
    queryset = Incident.objects.none()
    access = {"GET": Access(scope=Scope.READ), "POST": Access("incidents.add_incident", Scope.FILE)}
    filter_backends = [DjangoFilterBackend]
    filterset_class = IncidentFilter

    def get_queryset(self) -> IncidentQuerySet:
        return _visible(self.request)

    def paginate_queryset(self, queryset: Any) -> Any:
        """Undecided where the caller holds a second opinion."""
        page = super().paginate_queryset(queryset)
        return page and own_disclosed(second_opinions.disguise_all(page, caller(self.request)), caller(self.request))

    @extend_schema(
        summary="File a report",
        request=serializers.FilingSerializer,
        responses=dict.fromkeys([200, 201], serializers.IncidentSerializer) | {409: ErrorSerializer, **ERRORS},
        parameters=[
            OpenApiParameter(
                "Idempotency-Key", str, OpenApiParameter.HEADER,
                description="Send the same key when you try again: the report is filed once, "
                "201 the first time and 200 from then on; 409 when the key came with another report.",
            )
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        body = serializers.FilingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        report, key = FiledReport(**body.validated_data), _idempotency_key(request)
        try:
            filed = file_incident(report, source="api", reporter=caller(request), idempotency_key=key)
        except IdempotencyConflict as error:
            raise Conflict(str(error)) from error
        (found,) = own_disclosed([_visible(request).get(pk=filed.incident.pk)], caller(request))
        answer = serializers.IncidentSerializer(found, context={"request": request}).data
        where = {"Location": reverse("api-incident", args=[filed.incident.pk])}
        return Response(answer, status.HTTP_201_CREATED if filed.created else status.HTTP_200_OK, headers=where)


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY:
        raise exceptions.ParseError(f"The idempotency key has more than {LONGEST_KEY} characters.")
    return key or None


@extend_schema(summary="Read a report", responses={200: serializers.IncidentSerializer, 404: ErrorSerializer, **ERRORS})
class IncidentDetail(generics.RetrieveAPIView[Incident]):
    """One report: its state, what was predicted, what was decided."""

    serializer_class = serializers.IncidentSerializer
    queryset = Incident.objects.none()
    access = {"GET": Access(scope=Scope.READ)}

    def get_queryset(self) -> IncidentQuerySet:
        return _visible(self.request)

    def get_object(self) -> Incident:
        """Undecided for whoever holds a second opinion on it."""
        found = second_opinions.disguised(super().get_object(), caller(self.request))
        return own_disclosed([found], caller(self.request))[0]


class IncidentReveal(APIView):
    """A report with its personal data."""

    access = {"POST": Access(PERMISSION, Scope.REVEAL)}

    @extend_schema(
        summary="Read a report with its personal data",
        request=None,
        responses={200: serializers.IncidentSerializer, 404: ErrorSerializer, **ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Title, text and contact as they were written. Each call is noted in the audit log."""
        found = second_opinions.disguised(get_object_or_404(_visible(request), pk=pk), caller(request))
        reveal(found, by=caller(request))
        found.disclosed = True
        return Response(serializers.IncidentSerializer(found, context={"request": request}).data)


class IncidentLabels(APIView):
    """Verdicts on a report."""

    access = {"POST": Access("incidents.review_incident", Scope.LABEL)}

    @extend_schema(
        summary="Decide a report",
        request=serializers.VerdictSerializer,
        responses={201: serializers.DecisionSerializer, 404: ErrorSerializer, 409: ErrorSerializer, **ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        incident = get_object_or_404(_visible(request), pk=pk)
        body = serializers.VerdictSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            label = decide_directly(incident, reviewer=caller(request), **body.validated_data)
        except ClaimLost as error:
            raise Conflict(str(error)) from error
        said = serializers.DecisionSerializer(label, context={"paths": body.validated_data["paths"]})
        return Response(said.data, status.HTTP_201_CREATED)
