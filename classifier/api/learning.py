"""Version 1 of the API: what more labels would bring."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.api.views import CHANGE_ERRORS, ERRORS, MANAGE, READ
from classifier.services.learning import learning_figures, request_learning
from config.api.access import caller
from config.api.errors import Conflict


class CurveSerializer(serializers.Serializer[Any]):
    """F1 of a class by the number of its labels, or the mean over all where `label` is empty."""

    view = serializers.CharField(help_text="category or sub_category")
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    labels = serializers.IntegerField(help_text="Reports that carry it.")
    counts = serializers.ListField(child=serializers.FloatField(), help_text="Labels learned from at each size.")
    f1 = serializers.ListField(child=serializers.FloatField(), help_text="Measured at each size.")
    low = serializers.FloatField(help_text="Of the interval of the last one.")
    high = serializers.FloatField()
    more = serializers.IntegerField(help_text="Labels that the forecast adds.")
    verdict = serializers.CharField(help_text="starving, rising, unknown, flat or enough")
    now = serializers.FloatField(allow_null=True, help_text="By the fitted curve; null where nothing is forecast.")
    then = serializers.FloatField(allow_null=True)
    then_low = serializers.FloatField(allow_null=True)
    then_high = serializers.FloatField(allow_null=True)
    gain = serializers.FloatField(allow_null=True)
    gain_low = serializers.FloatField(allow_null=True)
    gain_high = serializers.FloatField(allow_null=True)


class LearningSerializer(serializers.Serializer[Any]):
    """What more labels would probably bring."""

    status = serializers.CharField(allow_null=True, help_text="Of the newest run: queued, running, done or failed.")
    trouble = serializers.CharField(allow_blank=True)
    measured_at = serializers.DateTimeField(allow_null=True, help_text="When the run that is shown ended.")
    labels = serializers.IntegerField(help_text="Reports that it looked at.")
    labels_since = serializers.IntegerField(help_text="Decisions after it.")
    rules = serializers.DictField(help_text="The limits that the verdicts go by.")
    overall = CurveSerializer(many=True)
    classes = CurveSerializer(many=True, help_text="Of each view what helps most first.")


class LearningCurve(APIView):
    """Learning curves of all labels, class by class."""

    access = {"GET": READ, "POST": MANAGE}

    @extend_schema(summary="Read what more labels would bring", responses={200: LearningSerializer, **ERRORS})
    def get(self, request: Request) -> Response:
        return Response(learning_figures())

    @extend_schema(
        summary="Have the learning curves measured", request=None, responses={202: LearningSerializer, **CHANGE_ERRORS}
    )
    def post(self, request: Request) -> Response:
        if request_learning(caller(request)) is None:
            raise Conflict("The labels are being measured already.")
        return Response(learning_figures(), status.HTTP_202_ACCEPTED)
