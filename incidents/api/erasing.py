"""Erasing, for programs."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.models import ErasedLearning
from config.api.access import Access, caller
from config.api.bodies import StrictSerializer
from config.api.errors import Conflict, ErrorSerializer
from events.services.erasing import ErasureRefused, request_erasure
from events.services.erasing_page import erasures_newest_first, state_of
from events.services.erasing_preview import Preview, of_report, of_reporter, preview
from incidents.models import ApiToken, Erasure

ERASE = Access("incidents.erase_reports", ApiToken.Scope.ERASE)
ERRORS = dict.fromkeys([400, 401, 403], ErrorSerializer)


class WantedSerializer(StrictSerializer):
    """A report by its number, or a reporter by name or address with all that they filed."""

    report = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    reporter = serializers.CharField(required=False, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("report" in attrs) == ("reporter" in attrs):
            raise serializers.ValidationError("Name a report or a reporter, and not both.")
        return attrs


class EraseSerializer(WantedSerializer):
    """What is erased, why, and how many reports the preview told."""

    reason = serializers.CharField(max_length=300, help_text="It stays, so it names nobody.")
    reports = serializers.IntegerField(
        help_text="How many reports the preview told: another number since refuses it.", min_value=0
    )


class PreviewSerializer(serializers.Serializer[Any]):
    """What an erasure would touch; `obstacle` says why it would be refused, or is empty."""

    reports = serializers.IntegerField()
    files = serializers.IntegerField()
    dataset_rows = serializers.IntegerField()
    models = serializers.ListField(child=serializers.CharField(), help_text="Versions that learned from them.")
    account = serializers.BooleanField(help_text="Whether an account goes, too.")
    alike = serializers.IntegerField(help_text="Reports of others that are worded alike, and stay.")
    obstacle = serializers.CharField()

    def to_representation(self, found: Preview) -> Any:
        return super().to_representation(found.told)


class LearnedSerializer(serializers.Serializer[Any]):
    model = serializers.CharField(source="version.name")
    learned = serializers.IntegerField()
    tested = serializers.IntegerField()
    state = serializers.ChoiceField(ErasedLearning.State.choices)


class ErasureSerializer(serializers.Serializer[Any]):
    """An erasure: how far it is, what it erased by place, and which models had learned from it."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(Erasure.State.choices)
    stage = serializers.ChoiceField(Erasure.Stage.choices)
    cause = serializers.ChoiceField(Erasure.Cause.choices)
    reason = serializers.CharField()
    by = serializers.CharField(allow_null=True)
    reports = serializers.IntegerField()
    figures = serializers.DictField(child=serializers.IntegerField())
    learned = LearnedSerializer(many=True)
    trouble = serializers.CharField(help_text="Why the work waits or has ended before it was done.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, erasure: Erasure) -> Any:
        state = state_of(erasure)
        names = ("id", "state", "stage", "cause", "reason", "reports", "figures", "created_at", "finished_at")
        told = {name: getattr(erasure, name) for name in names}
        by = erasure.by.get_username() if erasure.by else None
        return super().to_representation(told | {"by": by, "learned": state.learned, "trouble": state.trouble})


@extend_schema(methods=["GET"], summary="List erasures", responses={200: ErasureSerializer(many=True), **ERRORS})
class ErasureList(generics.ListAPIView[Erasure]):
    """What was erased, the newest first."""

    serializer_class = ErasureSerializer
    queryset = Erasure.objects.none()
    access = {"GET": ERASE, "POST": ERASE}

    def get_queryset(self) -> Any:
        return erasures_newest_first()

    @extend_schema(
        summary="Erase a report or a reporter",
        description="It cannot be taken back. The reports are gone from all lists at once; a worker takes their words "
        "out of all places: ask for the erasure again to see how far it is.",
        request=EraseSerializer,
        responses={202: ErasureSerializer, 409: OpenApiResponse(ErrorSerializer, "Under legal hold, or not there."),
                   **ERRORS},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        body = EraseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        found = _looked_up(body.validated_data)
        if found.reports != body.validated_data["reports"]:
            raise Conflict(f"It would erase {found.reports} reports, not {body.validated_data['reports']}.")
        try:
            made = request_erasure(
                found.wanted.ids,
                reason=body.validated_data["reason"],
                by=caller(request),
                account=found.wanted.account,
            )
        except ErasureRefused as error:
            raise Conflict(str(error)) from error
        return Response(ErasureSerializer(made).data, status.HTTP_202_ACCEPTED)


@extend_schema(summary="Read an erasure", responses={200: ErasureSerializer, 404: ErrorSerializer, **ERRORS})
class ErasureDetail(generics.RetrieveAPIView[Erasure]):
    """One erasure: how far it is, and what it erased."""

    serializer_class = ErasureSerializer
    queryset = Erasure.objects.select_related("by")
    access = {"GET": ERASE}


class ErasurePreview(APIView):
    """What an erasure would touch."""

    access = {"POST": ERASE}

    @extend_schema(
        summary="See what an erasure would touch",
        request=WantedSerializer,
        responses={200: PreviewSerializer, 409: ErrorSerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = WantedSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(PreviewSerializer(_looked_up(body.validated_data)).data)


def _looked_up(asked: dict[str, Any]) -> Preview:
    try:
        return preview(of_report(asked["report"]) if "report" in asked else of_reporter(asked["reporter"]))
    except ErasureRefused as error:
        raise Conflict(str(error)) from error
