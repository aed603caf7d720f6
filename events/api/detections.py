"""Detections over HTTP: what the stream found, for programs that act on it."""

from typing import Any

import django_filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers

from config.api.access import Access
from config.api.errors import ErrorSerializer
from config.api.paging import NewestFirst
from events.models import Detection
from incidents.models import ApiToken, Label

READ = Access("events.view_events", ApiToken.Scope.EVENTS_READ)
WITH_VERDICT = Detection.objects.with_parts().select_related("incident__current_label")
ERRORS = dict.fromkeys([400, 401, 403], ErrorSerializer)


class EntitySerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="The field that names it: user.name, source.ip, ...")
    name = serializers.CharField()


class DetectionSerializer(serializers.ModelSerializer[Detection]):
    """Unusual events of one entity and cause, folded into one."""

    source = serializers.CharField(source="source.name")  # type: ignore[assignment]  # a field of that name
    entity = EntitySerializer()
    explanation = serializers.ListField(child=serializers.CharField())
    incident = serializers.IntegerField(source="incident_id", allow_null=True)
    verdict = serializers.ChoiceField(
        choices=Label.Verdict.choices, source="incident.current_label.verdict", allow_null=True, read_only=True,
        help_text="What was decided about its incident; null as long as nothing is.",
    )  # fmt: skip

    class Meta:
        model = Detection
        fields = [
            *("id", "source", "entity", "cause", "status", "count", "first_seen", "last_seen", "score", "percentile"),
            *("threshold", "explanation", "template", "incident", "verdict"),
        ]


class DetectionFilter(django_filters.FilterSet):
    source = django_filters.CharFilter("source__name", label="A source's name.")
    status = django_filters.MultipleChoiceFilter(choices=Detection.Status.choices)

    class Meta:
        model = Detection
        fields = ["source", "status"]


@extend_schema(methods=["GET"], summary="List detections", responses={200: DetectionSerializer(many=True), **ERRORS})
class DetectionList(generics.ListAPIView[Detection]):
    """Detections, the newest first."""

    serializer_class = DetectionSerializer
    queryset = WITH_VERDICT
    pagination_class = NewestFirst
    filter_backends = [DjangoFilterBackend]
    filterset_class = DetectionFilter
    access = {"GET": READ}


@extend_schema(
    methods=["GET"], summary="Read a detection", responses={200: DetectionSerializer, 404: ErrorSerializer, **ERRORS}
)
class DetectionDetail(generics.RetrieveAPIView[Detection]):
    """One detection."""

    serializer_class = DetectionSerializer
    queryset = WITH_VERDICT
    access = {"GET": READ}
