"""Imports of files, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.access import Access, caller
from config.api.bodies import StrictSerializer
from config.api.errors import ErrorSerializer
from incidents.labels import MAX_NAME
from incidents.models import ApiToken, ImportBatch
from incidents.services import import_runs, imports_page
from incidents.services.imports_page import COUNTS

IMPORT = Access("incidents.import_incidents", ApiToken.Scope.IMPORT)
ERRORS = dict.fromkeys([400, 401, 403], ErrorSerializer)


@extend_schema_field({"type": "string", "format": "binary"})
class UploadField(serializers.FileField):
    """Described as what is sent; the schema would tell of an address."""


class ImportWishSerializer(StrictSerializer):
    """A CSV file in UTF-8, and how it is to be read."""

    file = UploadField()
    create_labels = serializers.BooleanField(default=False, help_text="Add labels that the taxonomy lacks.")
    group_column = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Reports with one value there stay in one split."
    )
    label_names = serializers.ListField(
        child=serializers.CharField(max_length=MAX_NAME),
        max_length=200,
        default=list,
        help_text="Labels whose names hold ` or `; may be sent several times.",
    )


class LabelsCreatedSerializer(serializers.Serializer[Any]):
    categories = serializers.IntegerField()
    sub_categories = serializers.IntegerField()
    paths = serializers.IntegerField()


class RefusedLineSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    reason = serializers.CharField()


class ImportFiguresSerializer(serializers.Serializer[Any]):
    """What became of the rows: `rows` = `taken` + `merged` + `refused` + `unchanged`."""

    labels_created = LabelsCreatedSerializer()
    refusals = RefusedLineSerializer(many=True, help_text="The first; the page of the import has all of them.")
    conflict_lines = serializers.ListField(child=serializers.IntegerField())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        counts = {name: serializers.IntegerField() for name in COUNTS}
        return counts | super().get_fields()


class ImportProgressSerializer(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(["reading", "filing"])
    done = serializers.IntegerField(help_text="Rows read, or reports looked at.")
    of = serializers.IntegerField(help_text="How many there are; 0 while that is not known.")


class ImportSerializer(serializers.Serializer[Any]):
    """An import. `figures` is null until it is done, `trouble` says why it failed."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="Of the file.")
    origin = serializers.ChoiceField(ImportBatch.Origin.choices)
    by = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(ImportBatch.Status.choices)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    trouble = serializers.CharField()
    reports = serializers.IntegerField(help_text="That it has taken so far.")
    progress = ImportProgressSerializer(allow_null=True)
    figures = ImportFiguresSerializer(allow_null=True)

    def to_representation(self, run: ImportBatch) -> Any:
        return super().to_representation(imports_page.state_of(run).to_json())


@extend_schema(methods=["GET"], summary="List imports", responses={200: ImportSerializer(many=True), **ERRORS})
class ImportList(generics.ListAPIView[ImportBatch]):
    """Imports of files, newest first, those of the command line included."""

    serializer_class = ImportSerializer
    queryset = imports_page.imports()
    access = {"GET": IMPORT, "POST": IMPORT}
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="Import a file of reports",
        description="The file is kept, and read by a worker: ask for the import again to see how far it is. The same "
        "file twice changes nothing.",
        request={"multipart/form-data": ImportWishSerializer},
        responses={202: ImportSerializer, 413: ErrorSerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = ImportWishSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wish = dict(body.validated_data)
        file = wish.pop("file")
        run = import_runs.start(file, import_runs.ImportWish(**wish), by=caller(request), origin=ImportBatch.Origin.API)
        return Response(ImportSerializer(run).data, status.HTTP_202_ACCEPTED)


@extend_schema(summary="Read an import", responses={200: ImportSerializer, 404: ErrorSerializer, **ERRORS})
class ImportDetail(generics.RetrieveAPIView[ImportBatch]):
    """One import: how far it is, and what came of the rows."""

    serializer_class = ImportSerializer
    queryset = imports_page.imports()
    access = {"GET": IMPORT}
