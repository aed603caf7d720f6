"""Version 1 of the API: what the gate says of a version, and force by two people."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.api.serializers import PromotionSerializer
from classifier.models import ForceRequest, ModelVersion
from classifier.services.forcing import agree, ask_to_force, decline
from classifier.services.gate import to_json, verdict_on
from classifier.services.promotion import PromotionRefused
from config.api.access import Access, caller
from config.api.bodies import StrictSerializer
from config.api.errors import Conflict, ErrorSerializer
from incidents.models import ApiToken

READ = Access("classifier.view_modelversion", ApiToken.Scope.MODELS)
MANAGE = Access("classifier.manage_models", ApiToken.Scope.MANAGE)
APPROVE = Access("classifier.approve_promotion", ApiToken.Scope.MANAGE)
ERRORS = dict.fromkeys([400, 401, 403, 404, 409], ErrorSerializer)


class CheckSerializer(serializers.Serializer[Any]):
    """One thing that the gate looks at. `figure` is the version's, `before` the champion's, `limit` what is asked."""

    name = serializers.CharField()
    title = serializers.CharField(help_text="The name in words.")
    state = serializers.ChoiceField(["passed", "failed", "skipped"])
    figure = serializers.FloatField(allow_null=True)
    before = serializers.FloatField(allow_null=True)
    limit = serializers.FloatField(allow_null=True)
    finding = serializers.CharField(help_text="In words.")
    classes = serializers.ListField(child=serializers.DictField(), help_text="Classes that lose more than is allowed.")


class GateSerializer(serializers.Serializer[Any]):
    passed = serializers.BooleanField()
    checks = CheckSerializer(many=True)


class ForceSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class AnswerSerializer(StrictSerializer):
    answer = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class ForceRequestSerializer(serializers.ModelSerializer[ForceRequest]):
    """A wish to pass the gate by force, which a second person answers."""

    version = serializers.CharField(source="version.name")

    class Meta:
        model = ForceRequest
        fields = ["id", "version", "state", "reason", "answer", "created_at", "answered_at"]


class ModelGate(APIView):
    """Whether the gate would let a version take over, with the figures."""

    access = {"GET": READ}

    @extend_schema(summary="Ask the gate", responses={200: GateSerializer, **ERRORS})
    def get(self, request: Request, pk: int) -> Response:
        verdict = verdict_on(get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk))
        return Response(GateSerializer({"passed": verdict.passed, "checks": to_json(verdict)}).data)


class ModelForce(APIView):
    """Asks for a second person, where the gate refuses a version."""

    access = {"POST": MANAGE}

    @extend_schema(
        summary="Ask to pass the gate by force",
        request=ForceSerializer,
        responses={201: ForceRequestSerializer, **ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        version = get_object_or_404(ModelVersion.objects.select_related("snapshot"), pk=pk)
        body = ForceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            asked = ask_to_force(version, by=caller(request), **body.validated_data)
        except PromotionRefused as error:
            raise Conflict(str(error)) from error
        return Response(ForceRequestSerializer(asked).data, status.HTTP_201_CREATED)


class ForceAgree(APIView):
    """The second person puts the version in charge."""

    access = {"POST": APPROVE}

    @extend_schema(
        summary="Agree to a forced promotion",
        request=AnswerSerializer,
        responses={201: PromotionSerializer, **ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = AnswerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            promotion = agree(_asked(pk), by=caller(request), **body.validated_data)
        except PromotionRefused as error:
            raise Conflict(str(error)) from error
        return Response(PromotionSerializer(promotion).data, status.HTTP_201_CREATED)


class ForceDecline(APIView):
    """The second person, or who asked, ends the request."""

    access = {"POST": APPROVE}

    @extend_schema(
        summary="Decline a forced promotion",
        request=AnswerSerializer,
        responses={200: ForceRequestSerializer, **ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = AnswerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = _asked(pk)
        try:
            decline(asked, by=caller(request), **body.validated_data)
        except PromotionRefused as error:
            raise Conflict(str(error)) from error
        asked.refresh_from_db()
        return Response(ForceRequestSerializer(asked).data)


def _asked(pk: int) -> ForceRequest:
    return get_object_or_404(ForceRequest.objects.select_related("version", "asked_by"), pk=pk)
