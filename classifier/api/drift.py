"""Version 1 of the API: drift of the reports."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.api import serializers
from classifier.api.views import CHANGE_ERRORS, ERRORS, MANAGE, READ
from classifier.models import DriftAlarm
from classifier.services.drift_figures import drift_figures
from classifier.services.report_drift import Settled, acknowledge
from config.api.access import caller
from config.api.errors import Conflict


class Drift(APIView):
    """Looks at windows of new reports, and alarms."""

    access = {"GET": READ}

    @extend_schema(summary="Read the drift of reports", responses={200: serializers.DriftSerializer, **ERRORS})
    def get(self, request: Request) -> Response:
        return Response(drift_figures())


class AcknowledgeDrift(APIView):
    """Say of an alarm that it is all right."""

    access = {"POST": MANAGE}

    @extend_schema(
        summary="Acknowledge an alarm of drift",
        request=serializers.NoteSerializer,
        responses={200: serializers.DriftSerializer, **CHANGE_ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        alarm = get_object_or_404(DriftAlarm.objects.select_related("look__promotion__version"), pk=pk)
        body = serializers.NoteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            acknowledge(alarm, by=caller(request), note=body.validated_data["note"])
        except Settled as error:
            raise Conflict(str(error)) from error
        return Response(drift_figures())
