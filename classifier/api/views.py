"""Version 1 of the API: model versions, promotions, trainings."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.api import serializers
from classifier.api.filters import ModelFilter, TrainingFilter
from classifier.models import ModelVersion, TrainingRun
from classifier.services.promotion import PromotionRefused, promote, rollback
from classifier.services.training import TrainingRefused, cancel_training, resume_training
from config.api.access import Access, caller
from config.api.errors import Conflict, ErrorSerializer
from events.services.training import REQUESTS
from incidents.models import ApiToken

READ = Access("classifier.view_modelversion", ApiToken.Scope.MODELS)
MANAGE = Access("classifier.manage_models", ApiToken.Scope.MANAGE)
ERRORS = dict.fromkeys([400, 401, 403], ErrorSerializer)
CHANGE_ERRORS = {404: ErrorSerializer, 409: ErrorSerializer, **ERRORS}
VERSIONS = ModelVersion.objects.select_related("snapshot").prefetch_related("evaluations__snapshot")
RUNS = TrainingRun.objects.select_related("snapshot", "version")


@extend_schema(
    methods=["GET"],
    summary="List model versions",
    responses={200: serializers.ModelVersionSerializer(many=True), **ERRORS},
)
class ModelList(generics.ListAPIView[ModelVersion]):
    """Model versions with their figures, newest first."""

    serializer_class = serializers.ModelVersionSerializer
    queryset = VERSIONS
    filter_backends = [DjangoFilterBackend]
    filterset_class = ModelFilter
    access = {"GET": READ}


@extend_schema(
    methods=["GET"],
    summary="Read a model version",
    responses={200: serializers.ModelVersionSerializer, 404: ErrorSerializer, **ERRORS},
)
class ModelDetail(generics.RetrieveAPIView[ModelVersion]):
    """One model version."""

    serializer_class = serializers.ModelVersionSerializer
    queryset = VERSIONS
    access = {"GET": READ}


class Promote(APIView):
    """Put a version in charge."""

    access = {"POST": MANAGE}

    @extend_schema(
        summary="Promote a version",
        request=serializers.ReasonSerializer,
        responses={201: serializers.PromotionSerializer, **CHANGE_ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        version = get_object_or_404(ModelVersion, pk=pk)
        body = serializers.ReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            promotion = promote(version, by=caller(request), **body.validated_data)
        except PromotionRefused as error:
            raise Conflict(str(error)) from error
        return Response(serializers.PromotionSerializer(promotion).data, status.HTTP_201_CREATED)


class Rollback(APIView):
    """Put the previous version of a model line back in charge."""

    access = {"POST": MANAGE}

    @extend_schema(
        summary="Roll back to the previous version",
        request=serializers.RollbackSerializer,
        responses={201: serializers.PromotionSerializer, **CHANGE_ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = serializers.RollbackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            promotion = rollback(by=caller(request), **body.validated_data)
        except PromotionRefused as error:
            raise Conflict(str(error)) from error
        return Response(serializers.PromotionSerializer(promotion).data, status.HTTP_201_CREATED)


@extend_schema(
    methods=["GET"], summary="List trainings", responses={200: serializers.TrainingSerializer(many=True), **ERRORS}
)
class TrainingList(generics.ListAPIView[TrainingRun]):
    """Trainings, newest first."""

    serializer_class = serializers.TrainingSerializer
    queryset = RUNS
    filter_backends = [DjangoFilterBackend]
    filterset_class = TrainingFilter
    access = {"GET": READ, "POST": MANAGE}

    @extend_schema(
        summary="Start a training",
        request=serializers.TrainingRequestSerializer,
        responses={201: serializers.TrainingSerializer, 409: ErrorSerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = serializers.TrainingRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            wanted = dict(body.validated_data)
            run = REQUESTS[wanted.pop("line")](requested_by=caller(request), **wanted)
        except TrainingRefused as error:
            raise Conflict(str(error)) from error
        return Response(serializers.TrainingSerializer(run).data, status.HTTP_201_CREATED)


@extend_schema(
    methods=["GET"],
    summary="Read a training",
    responses={200: serializers.TrainingSerializer, 404: ErrorSerializer, **ERRORS},
)
class TrainingDetail(generics.RetrieveAPIView[TrainingRun]):
    """One training and how far it is."""

    serializer_class = serializers.TrainingSerializer
    queryset = RUNS
    access = {"GET": READ}


class CancelTraining(APIView):
    """Call a training off."""

    access = {"POST": MANAGE}

    @extend_schema(
        summary="Cancel a training", request=None, responses={202: serializers.TrainingSerializer, **CHANGE_ERRORS}
    )
    def post(self, request: Request, pk: int) -> Response:
        runs: QuerySet[TrainingRun] = RUNS
        run = get_object_or_404(runs, pk=pk)
        if not cancel_training(run, by=caller(request)):
            raise Conflict("This training is over already.")
        run.refresh_from_db()
        return Response(serializers.TrainingSerializer(run).data, status.HTTP_202_ACCEPTED)


class ResumeTraining(APIView):
    """Go on with a training that failed or was cancelled, from its last checkpoint."""

    access = {"POST": MANAGE}

    @extend_schema(
        summary="Resume a training", request=None, responses={202: serializers.TrainingSerializer, **CHANGE_ERRORS}
    )
    def post(self, request: Request, pk: int) -> Response:
        runs: QuerySet[TrainingRun] = RUNS
        run = get_object_or_404(runs, pk=pk)
        try:
            resume_training(run, by=caller(request))
        except TrainingRefused as error:
            raise Conflict(str(error)) from error
        run.refresh_from_db()
        return Response(serializers.TrainingSerializer(run).data, status.HTTP_202_ACCEPTED)
