"""Version 1 of the API: the words that carried a label, and similar reports."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classifier.models import Explanation, Prediction
from classifier.services import explanations
from classifier.services.reading import latest_prediction
from classifier.services.similar import UNREAD, lack, similar_reports
from config.api.access import Access, caller
from config.api.errors import Conflict, ErrorSerializer
from incidents.models import ApiToken, Incident, Path
from incidents.services import second_opinions
from workers.models import Job

ANALYST = Access("incidents.review_incident", ApiToken.Scope.READ)
ERRORS = dict.fromkeys([400, 401, 403, 404, 409], ErrorSerializer)
HIDDEN = "This report is part of the audit: its prediction is hidden until somebody has decided it."


class WordSerializer(serializers.Serializer[Any]):
    """A word and what it adds to the label's log-odds, in nats; negative where it speaks against the label."""

    part = serializers.ChoiceField(["title", "text"])
    start = serializers.IntegerField(help_text="First character, counted in Unicode code points.")
    end = serializers.IntegerField(help_text="The character after the last.")
    weight = serializers.FloatField(source="total")
    linear = serializers.FloatField(help_text="What the linear expert adds, exactly.")
    t5 = serializers.FloatField(help_text="What T5 adds; all words together exactly, one by one approximately.")


class ExplanationSerializer(serializers.Serializer[Explanation]):
    """Which words carried a label rather than the others, the strongest first."""

    path = serializers.CharField(source="path.key")
    model = serializers.CharField(source="prediction.version.name")
    state = serializers.SerializerMethodField(help_text="`computed` or `waiting`.")
    words = serializers.SerializerMethodField()

    def get_state(self, explanation: Explanation) -> str:
        return explanations.state(explanation)

    @extend_schema_field(WordSerializer(many=True))
    def get_words(self, explanation: Explanation) -> Any:
        return WordSerializer(explanations.words_of(explanation), many=True).data


class SimilarSerializer(serializers.Serializer[Any]):
    """A report like this one, and what people decided of it."""

    id = serializers.IntegerField(source="incident.pk")
    title = serializers.CharField(source="incident.title")
    status = serializers.CharField(source="incident.status")
    similarity = serializers.FloatField(help_text="Cosine of the vectors of both texts; 1 for the same text.")
    paths = serializers.ListField(child=serializers.CharField(), source="decided", help_text="Keys; none undecided.")


class IncidentExplanation(APIView):
    """Why the model in charge says what it says of a report."""

    access = {"GET": ANALYST}

    @extend_schema(
        summary="Explain a prediction",
        responses={200: ExplanationSerializer, 202: ExplanationSerializer, **ERRORS},
        parameters=[
            OpenApiParameter("path", str, description="Key of a label; the most probable predicted one without it.")
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        """202 while a worker computes it: ask again until it is 200. Work that failed is taken up again by asking."""
        incident = _seen(request, pk)
        if incident.hides_prediction:
            raise Conflict(HIDDEN)
        prediction = latest_prediction(incident)
        if prediction is None:
            raise Conflict(UNREAD)
        found = _found(prediction, _path_id(request))
        if explanations.state(found) == "impossible":
            raise Conflict(explanations.trouble(found))
        waiting = status.HTTP_200_OK if found.is_computed else status.HTTP_202_ACCEPTED
        return Response(ExplanationSerializer(found).data, waiting)


def _seen(request: Request, pk: int) -> Incident:
    """Undecided for whoever holds a second opinion on it."""
    found = get_object_or_404(Incident.objects.visible_to(request.user), pk=pk)
    return second_opinions.disguised(found, caller(request))


def _found(prediction: Prediction, path_id: int | None) -> Explanation:
    try:
        return explanations.find_or_ask(prediction, path_id, priority=Job.Priority.API)
    except explanations.UnknownLabel as error:
        raise exceptions.ValidationError({"path": [str(error)]}) from error


def _path_id(request: Request) -> int | None:
    key = request.query_params.get("path", "")
    if not key:
        return None
    named = None if "\0" in key else Path.objects.with_names().filter(key=key).first()
    path = named.present if named else None
    if path is None:
        raise exceptions.ValidationError({"path": [f"There is no path {key!r}; /api/v1/taxonomy/ lists them."]})
    return path.pk


class IncidentSimilar(APIView):
    """The reports whose texts are most like this one's."""

    access = {"GET": ANALYST}

    @extend_schema(summary="Find similar reports", responses={200: SimilarSerializer(many=True), **ERRORS})
    def get(self, request: Request, pk: int) -> Response:
        incident = _seen(request, pk)
        if incident.hides_prediction:
            raise Conflict(HIDDEN)
        found = similar_reports(incident, caller(request))
        if found is None:
            raise Conflict(lack(incident))
        return Response(SimilarSerializer(found, many=True).data)
