"""Version 1 of the API: every move on a model line, and what a shadow has decided beside the champion."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.api.gate import CheckSerializer
from classifier.api.impact import ImpactFiguresSerializer
from classifier.api.serializers import LineSerializer
from classifier.models import ModelVersion
from classifier.services.move_history import Move, Moves
from classifier.services.shadow import NeverInShadow, shadow_figures
from config.api.access import Access, caller
from config.api.errors import Conflict, ErrorSerializer
from config.api.paging import Numbered
from incidents.models import ApiToken

READ = Access("classifier.view_modelversion", ApiToken.Scope.MODELS)
ERRORS = dict.fromkeys([400, 401, 403, 404], ErrorSerializer)


class MoveSerializer(serializers.Serializer[Any]):
    """One move on a line, or one that was refused."""

    kind = serializers.CharField(
        help_text="`first`, `promote`, `rollback`, `forced`, `refused`, `shadow`, `shadow_ended`, `force_asked`, or"
        " `force_declined`."
    )
    title = serializers.CharField(help_text="The kind in words.")
    at = serializers.DateTimeField()
    model = serializers.CharField()
    model_id = serializers.IntegerField(allow_null=True)
    replaced = serializers.CharField(
        allow_null=True, help_text="The version in charge before; of a refusal, the one that stays."
    )
    by = serializers.CharField(allow_null=True, help_text="Null where a rule made it, and where that account is gone.")
    by_itself = serializers.BooleanField(help_text="Whether a rule made it.")
    second = serializers.CharField(allow_null=True, help_text="Who agreed to a promotion by force.")
    reason = serializers.CharField(allow_blank=True)
    checks = CheckSerializer(many=True, help_text="What the gate said then.")
    impact = ImpactFiguresSerializer(
        allow_null=True, help_text="What was known of its effect on reports then; for those who review reports."
    )


class MovesPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = MoveSerializer(many=True)


class MovesQuerySerializer(LineSerializer):
    page = serializers.IntegerField(required=False, default=1, min_value=1)
    page_size = serializers.IntegerField(
        required=False, default=Numbered.page_size, min_value=1, max_value=Numbered.max_page_size
    )


class ModelHistory(APIView):
    """Every move on a model line and what was refused, the newest first."""

    access = {"GET": READ}

    @extend_schema(
        summary="List the moves on a model line",
        parameters=[MovesQuerySerializer],
        responses={200: MovesPageSerializer, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        asked = MovesQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        paging, moves = Numbered(), Moves(asked.validated_data["line"])
        found: list[Move] | None = paging.paginate_queryset(moves, request, view=self)  # type: ignore[arg-type]
        with_impact = caller(request).has_perm("incidents.review_incident")
        told = [move.to_json(with_impact=with_impact) for move in found or ()]
        return paging.get_paginated_response(MoveSerializer(told, many=True).data)


class ShareSerializer(serializers.Serializer[Any]):
    """Null shares are of nothing."""

    share = serializers.FloatField(allow_null=True, help_text="0 to 1.")
    hits = serializers.IntegerField()
    n = serializers.IntegerField()


class ShadowSerializer(serializers.Serializer[Any]):
    """What a version decided beside the champion, on the newest texts that it scored."""

    model = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True, help_text="When it began; null: it is no shadow any more.")
    texts = serializers.IntegerField()
    alike = ShareSerializer(help_text="Decided as by the champion.")
    right = ShareSerializer(help_text="As people decided, who saw the champion's suggestion unless it was hidden.")
    champion_right = ShareSerializer(help_text="The same of the champion.")
    blind_right = ShareSerializer(help_text="As those decided from whom the suggestion was hidden.")
    blind_champion_right = ShareSerializer(help_text="The same of the champion.")
    unsure = ShareSerializer()
    champion_unsure = ShareSerializer()
    note = serializers.CharField(help_text="Which of these compare the two fairly.")


class ModelShadow(APIView):
    """What a version has decided in the shadow."""

    access = {"GET": READ}

    @extend_schema(
        summary="Read what a shadow decided", responses={200: ShadowSerializer, 409: ErrorSerializer, **ERRORS}
    )
    def get(self, request: Request, pk: int) -> Response:
        try:
            figures = shadow_figures(get_object_or_404(ModelVersion, pk=pk))
        except NeverInShadow as error:
            raise Conflict(str(error)) from error
        return Response(ShadowSerializer(figures).data)
