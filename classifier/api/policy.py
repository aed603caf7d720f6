"""Version 1 of the API: what the model in charge may do by itself, and whether it keeps its promises."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.api.serializers import NoteSerializer
from classifier.api.views import CHANGE_ERRORS, ERRORS, MANAGE, READ
from classifier.models import PromiseAlarm
from classifier.policy_forms import LARGEST_COST, LARGEST_ERROR
from classifier.services import acting, promises
from classifier.services.policy_figures import policy_figures
from classifier.services.report_drift import Settled
from config.api.access import caller
from config.api.bodies import StrictSerializer
from config.api.errors import Conflict


class PolicyWishSerializer(StrictSerializer):
    """Shares of wrong reports that are accepted, and costs of a wrong label in looks; of single categories by name."""

    error = serializers.FloatField(min_value=0.001, max_value=LARGEST_ERROR / 100, default=acting.USUAL_ERROR)
    auto_accept = serializers.BooleanField(default=False)
    category_errors = serializers.DictField(
        child=serializers.FloatField(min_value=0, max_value=LARGEST_ERROR / 100), default=dict
    )
    category_costs = serializers.DictField(
        child=serializers.FloatField(min_value=1, max_value=LARGEST_COST), default=dict
    )

    @property
    def asked(self) -> acting.Asked:
        sent = self.validated_data
        return acting.Asked(sent["error"], sent["auto_accept"], sent["category_errors"], sent["category_costs"])


class SaveSerializer(PolicyWishSerializer):
    reason = serializers.CharField(max_length=500)


class PolicySerializer(serializers.Serializer[Any]):
    """A wish and what it comes to on the held-out reports of the model in charge, as the page shows it."""

    model = serializers.CharField(allow_null=True)
    certainty = serializers.FloatField(help_text="That the promised error is kept.")
    wish = serializers.DictField()
    plan = serializers.DictField(allow_null=True, help_text="Numbers of held-out reports, and categories.")
    before = serializers.DictField(allow_null=True, help_text="As `plan`, of the policy in force.")
    expected_error = serializers.DictField(
        allow_null=True,
        help_text="`found` among the held-out reports that the thresholds follow from; `promised`: the upper bound.",
    )
    curve = serializers.ListField(child=serializers.DictField())
    in_force = serializers.DictField(allow_null=True)
    rests = serializers.CharField(
        help_text="Why nothing, or nothing of some categories, is accepted although the policy has it so; or empty."
    )
    false_alarms = serializers.FloatField()
    promises = serializers.ListField(child=serializers.DictField())
    alarms = serializers.ListField(child=serializers.DictField())
    history = serializers.ListField(child=serializers.DictField())


class Policy(APIView):
    """The policy in force, and saving another."""

    access = {"GET": READ, "POST": MANAGE}

    @extend_schema(summary="Read the policy", responses={200: PolicySerializer, **ERRORS})
    def get(self, request: Request) -> Response:
        return Response(policy_figures())

    @extend_schema(summary="Save a policy", request=SaveSerializer, responses={201: PolicySerializer, **CHANGE_ERRORS})
    def post(self, request: Request) -> Response:
        body = SaveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            acting.save(body.asked, by=caller(request), reason=body.validated_data["reason"])
        except acting.PolicyRefused as error:
            raise Conflict(str(error)) from error
        return Response(policy_figures(), status.HTTP_201_CREATED)


class PolicyPreview(APIView):
    """What a wish would come to; nothing is saved."""

    access = {"POST": READ}

    @extend_schema(
        summary="See what a policy would come to",
        request=PolicyWishSerializer,
        responses={200: PolicySerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = PolicyWishSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(policy_figures(body.asked))


class AcknowledgePromise(APIView):
    """Say of an alarm that it is all right."""

    access = {"POST": MANAGE}

    @extend_schema(
        summary="Acknowledge an alarm of a promise",
        request=NoteSerializer,
        responses={200: PolicySerializer, **CHANGE_ERRORS},
    )
    def post(self, request: Request, pk: int) -> Response:
        alarm = get_object_or_404(PromiseAlarm.objects.select_related("promotion__version"), pk=pk)
        body = NoteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            promises.acknowledge(alarm, by=caller(request), note=body.validated_data["note"])
        except Settled as error:
            raise Conflict(str(error)) from error
        return Response(policy_figures())
