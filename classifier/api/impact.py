"""Version 1 of the API: what putting a version in charge would change."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.models import ModelVersion
from classifier.services.impact import KnownImpact, NoImpact, ask_for_impact, groups_of, known_impact
from classifier.wording import FAIRNESS
from config.api.access import Access, caller
from config.api.errors import Conflict, ErrorSerializer
from incidents.models import ApiToken, User

REVIEW = Access("incidents.review_incident", ApiToken.Scope.MODELS)
MANAGE = Access("classifier.manage_models", ApiToken.Scope.MANAGE)
ERRORS = dict.fromkeys([400, 401, 403, 404, 409], ErrorSerializer)


def _number(about: str, **options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(help_text=about, **options)


class ImpactFiguresSerializer(serializers.Serializer[Any]):
    """Numbers of reports. Those decided blind are counted since they are told apart; older previews lack them."""

    reports = _number("Looked at.")
    open = _number("Of these, not decided yet.")
    changed = _number("That get another label.")
    open_changed = _number("Of these, not decided yet.")
    surer = _number("That become sure.")
    less_sure = _number("That become unsure.")
    judged = _number("That people decided lately and that neither of the two versions learned from.")
    right_before = _number("Of the judged, those that the champion decides as people did, who saw its suggestion.")
    right_after = _number("Of the judged, those that this version decides as people did.")
    blind_judged = _number("Of the judged, those decided with the suggestion hidden.", required=False)
    blind_right_before = _number("Of those decided blind, as the champion decides.", required=False)
    blind_right_after = _number("Of those decided blind, as this version decides.", required=False)


class ImpactChangeSerializer(serializers.Serializer[Any]):
    """One change of label."""

    old = serializers.CharField()
    new = serializers.CharField()
    reports = serializers.IntegerField()
    examples = serializers.ListField(
        child=serializers.IntegerField(), help_text="Numbers of some of these reports that the caller may see."
    )


class ImpactSerializer(serializers.Serializer[Any]):
    """What a promotion would change. `status` and `trouble` are of the newest look, all else of the newest done one."""

    status = serializers.ChoiceField(["queued", "running", "done", "failed"])
    trouble = serializers.CharField(help_text="Why the newest look failed, or empty.")
    id = serializers.IntegerField(allow_null=True)
    champion = serializers.CharField(help_text="The version in charge, whose place it would take.")
    figures = ImpactFiguresSerializer(allow_null=True)
    note = serializers.CharField(help_text="How far `right_before` and `right_after` compare the two fairly.")
    changes = ImpactChangeSerializer(many=True, help_text="The most frequent first.")
    created_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class ModelImpact(APIView):
    """What putting a version in charge would change, on open and recent reports."""

    access = {"GET": REVIEW, "POST": MANAGE}

    @extend_schema(summary="Read the newest impact preview", responses={200: ImpactSerializer, **ERRORS})
    def get(self, request: Request, pk: int) -> Response:
        impact = known_impact(get_object_or_404(ModelVersion, pk=pk))
        return Response(_told(impact, caller(request)))

    @extend_schema(summary="Ask for an impact preview", request=None, responses={202: ImpactSerializer, **ERRORS})
    def post(self, request: Request, pk: int) -> Response:
        version = get_object_or_404(ModelVersion, pk=pk)
        try:
            ask_for_impact(version, by=caller(request))
        except NoImpact as error:
            raise Conflict(str(error)) from error
        return Response(_told(known_impact(version), caller(request)), status.HTTP_202_ACCEPTED)


def _told(impact: KnownImpact, person: User) -> dict[str, Any]:
    """What the page shows that person."""
    if impact.newest is None or impact.state is None:
        raise Conflict(impact.nothing or "Nobody has asked yet: POST here first.")
    shown = impact.shown
    told = {
        "status": impact.state.status,
        "trouble": impact.state.words,
        "id": shown and shown.pk,
        "champion": impact.newest.champion.name,
        "figures": shown and shown.figures,
        "note": FAIRNESS,
        "changes": [
            {
                "old": group.old,
                "new": group.new,
                "reports": group.reports,
                "examples": [one.pk for one in group.examples],
            }
            for group in (groups_of(shown, person) if shown else ())
        ],
        "created_at": shown and shown.created_at,
        "finished_at": shown and shown.finished_at,
    }
    return dict(ImpactSerializer(told).data)
