"""The taxonomy and its steps, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as fields
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.access import Access, caller
from config.api.bodies import StrictSerializer
from config.api.errors import Conflict, ErrorSerializer
from incidents.api import serializers
from incidents.models import ApiToken, Category, Path, SubCategory, TaxonomyStep
from incidents.services import taxonomy_page
from incidents.services.taxonomy import current_version
from incidents.services.taxonomy_preview import preview
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import TaxonomyRefused, Wish

MANAGE, LOOK = "classifier.manage_models", "classifier.view_modelversion"
Scope = ApiToken.Scope
ERRORS = dict.fromkeys([400, 401, 403], ErrorSerializer)
MOST = 200  # steps in one answer, the newest


class TaxonomyWishSerializer(StrictSerializer):
    """A step, and what it is about: a label by its key, or a whole category by its name."""

    kind = fields.ChoiceField(TaxonomyStep.Kind.choices)
    label = fields.CharField(  # type: ignore[assignment]  # a field of that name, which the serializer takes out
        max_length=1000, required=False, default="", allow_blank=True
    )
    category = fields.CharField(max_length=200, required=False, default="", allow_blank=True)
    into = fields.CharField(
        max_length=1000, required=False, default="", allow_blank=True,
        help_text="merge: the key of the label, or the name of the category, that it becomes.",
    )  # fmt: skip
    name = fields.CharField(
        max_length=200, required=False, default="", allow_blank=True,
        help_text="rename: the new name. add: the sub-category, empty for a category alone.",
    )  # fmt: skip
    names = fields.ListField(child=fields.CharField(max_length=200), required=False, default=list, help_text="split")
    categories = fields.ListField(
        child=fields.CharField(max_length=200), required=False, default=list, help_text="move, add"
    )
    undoes = fields.IntegerField(required=False, allow_null=True, default=None, min_value=1)
    reason = fields.CharField(max_length=500, required=False, default="", allow_blank=True)
    dry_run = fields.BooleanField(required=False, default=False, help_text="Only count what it would change.")

    def wish(self) -> Wish:
        said = dict(self.validated_data)
        for name in ("reason", "dry_run"):
            said.pop(name)
        return Wish(**said | {name: tuple(said[name]) for name in ("names", "categories")})


class StepSerializer(fields.Serializer[Any]):
    """A step. `to_look_at` is null where it was not counted."""

    number = fields.IntegerField()
    kind = fields.CharField()
    words = fields.CharField()
    by = fields.CharField(allow_null=True)
    reason = fields.CharField()
    at = fields.DateTimeField()
    stands = fields.BooleanField()
    undoes = fields.IntegerField(allow_null=True)
    to_look_at = fields.IntegerField(allow_null=True)
    asks_for_training = fields.BooleanField()
    list_follows = fields.BooleanField()


class Taxonomy(APIView):
    """Categories, sub-categories and the paths that a report can be labelled with."""

    access = {"GET": Access()}

    @extend_schema(summary="Read the taxonomy", responses={200: serializers.TaxonomySerializer, 401: ErrorSerializer})
    def get(self, request: Request) -> Response:
        version = current_version()
        parts = {
            "pk": version.pk,
            "content_hash": version.content_hash,
            "categories": Category.objects.in_use(),
            "sub_categories": SubCategory.objects.in_use(),
            "paths": Path.objects.live().with_names(),
        }
        return Response(serializers.TaxonomySerializer(parts).data)


class TaxonomySteps(APIView):
    """The steps that changed the taxonomy, and the next one."""

    access = {"GET": Access(LOOK, Scope.MODELS), "POST": Access(MANAGE, Scope.MANAGE)}

    @extend_schema(summary="List the steps of the taxonomy", responses={200: StepSerializer(many=True), **ERRORS})
    def get(self, request: Request) -> Response:
        rows = taxonomy_page.steps(TaxonomyStep.objects.select_related("by", "undoes__undoes")[:MOST])
        return Response([taxonomy_page.step_to_json(row) for row in rows])

    @extend_schema(
        summary="Take a step of the taxonomy",
        description="With `dry_run`, 200 and what it would change; else 201 and the step. 409 with the reason where it "
        "cannot be taken.",
        request=TaxonomyWishSerializer,
        responses={200: dict, 201: StepSerializer, 409: ErrorSerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = TaxonomyWishSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            if body.validated_data["dry_run"]:
                return Response(preview(body.wish()).to_json())
            done = take(body.wish(), by=caller(request), reason=body.validated_data["reason"])
        except TaxonomyRefused as error:
            raise Conflict(str(error)) from error
        return Response(taxonomy_page.step_to_json(taxonomy_page.step_page(done).row), status.HTTP_201_CREATED)
