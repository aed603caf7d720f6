"""How reports, decisions and the taxonomy look as JSON."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from classifier.ml.taxonomy import join_labels
from config.api.bodies import StrictSerializer
from incidents.models import Incident, Label, Path
from incidents.models.incident import MAX_TEXT
from incidents.models.label import LONGEST_EXPECTED
from incidents.texts import MAX_TITLE, clean_text, clean_title


class FilingSerializer(StrictSerializer):
    """A report to file."""

    title = serializers.CharField(max_length=MAX_TITLE, required=False, default="", allow_blank=True)
    text = serializers.CharField(
        trim_whitespace=False, allow_blank=True, help_text=f"What happened; at most {MAX_TEXT:,} characters."
    )
    noticed_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    money_lost = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )
    currency = serializers.ChoiceField(Incident.Currency.choices, default=Incident.Currency.INR)
    contact = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    consent = serializers.BooleanField(required=False, default=False, help_text="The reporter agrees to be contacted.")

    def validate_title(self, value: str) -> str:
        clean_title(value)
        return value

    def validate_text(self, value: str) -> str:
        clean_text(value)
        return value


class PredictedSerializer(serializers.ModelSerializer[Incident]):
    """What the model last said. Several labels are sorted and joined by ` or `."""

    category = serializers.CharField(source="current_category")
    sub_category = serializers.CharField(source="current_sub_category")
    confidence = serializers.FloatField(
        source="current_confidence", help_text="Calibrated probability that exactly these labels are right."
    )
    unsure = serializers.BooleanField(source="current_unsure")
    model = serializers.CharField(source="current_model")
    anomaly = serializers.FloatField(
        source="current_anomaly", allow_null=True, help_text="Percentile of earlier reports, 0 to 100."
    )

    class Meta:
        model = Incident
        fields = ["category", "sub_category", "confidence", "unsure", "model", "anomaly"]


class DecisionSerializer(serializers.ModelSerializer[Label]):
    """What people said. Several labels are sorted and joined by ` or `; a rejected report has none.

    Who has the paths of a label at hand, with their names, gives them as the context `paths`.
    """

    category = serializers.SerializerMethodField()
    sub_category = serializers.SerializerMethodField()
    paths = serializers.SerializerMethodField()

    class Meta:
        model = Label
        fields = ["id", "verdict", "category", "sub_category", "paths", "created_at"]

    def get_category(self, label: Label) -> str:
        return join_labels(name for path in self._paths(label) for name in path.category_names)

    def get_sub_category(self, label: Label) -> str:
        return join_labels(path.sub_category_name for path in self._paths(label))

    def get_paths(self, label: Label) -> list[str]:
        return sorted(path.key for path in self._paths(label))

    def _paths(self, label: Label) -> Collection[Path]:
        if "paths" in self.context:
            given: Collection[Path] = self.context["paths"]
            return given
        return label.present_paths


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """A report as its reporter and analysts see it: as it was written for the one, masked for the others."""

    title = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True, help_text="Personal data is masked (`[EMAIL]`), but for its reporter.")
    contact = serializers.CharField(read_only=True, source="told_contact")
    prediction = serializers.SerializerMethodField(
        help_text="Null until a worker has classified the report; for those who review, also while a report of the"
        " audit (`blind`) is not decided."
    )
    decision = DecisionSerializer(source="current_label", allow_null=True, read_only=True)

    class Meta:
        model = Incident
        fields = [
            "id", "status", "source", "title", "text", "noticed_at", "money_lost", "currency", "contact", "consent",
            "created_at", "decided_at", "blind", "prediction", "decision",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(PredictedSerializer(allow_null=True))
    def get_prediction(self, incident: Incident) -> dict[str, Any] | None:
        if not incident.current_model or (incident.hides_prediction and self._may_review()):
            return None
        return dict(PredictedSerializer(incident).data)

    def _may_review(self) -> bool:
        request = self.context.get("request")
        return request is None or request.user.has_perm("incidents.review_incident")


class PathField(serializers.SlugRelatedField[Path]):
    """A path by its key."""

    def to_internal_value(self, data: Any) -> Path:
        if isinstance(data, str) and "\0" in data:
            self.fail("does_not_exist", value=data)  # PostgreSQL would not even look
        return super().to_internal_value(data)


class VerdictSerializer(StrictSerializer):
    """An analyst's verdict. Confirm and correct need paths, reject and unsure take none."""

    verdict = serializers.ChoiceField(Label.Verdict.choices)
    paths = PathField(
        "key", many=True, queryset=Path.objects.live().with_names(), required=False,
        default=list,  # type: ignore[arg-type]
        help_text="Keys of paths, as /api/v1/taxonomy/ lists them.",
        error_messages={"does_not_exist": "There is no path {value!r}; /api/v1/taxonomy/ lists them."},
    )  # fmt: skip
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    expected_until = serializers.DateTimeField(
        required=False, allow_null=True, default=None,
        help_text="Of a rejected detection: the same is expected, and suppressed, until then; at most for a year.",
    )  # fmt: skip
    reopen = serializers.BooleanField(
        required=False, default=False, help_text="Decide anew a report that has been decided."
    )

    def validate_expected_until(self, until: dt.datetime | None) -> dt.datetime | None:
        if until is not None and not timezone.now() < until <= timezone.now() + LONGEST_EXPECTED:
            raise serializers.ValidationError("Choose a time to come, within a year.")
        return until


class PathSerializer(serializers.ModelSerializer[Path]):
    categories = serializers.ListField(child=serializers.CharField(), source="category_names")
    sub_category = serializers.CharField(source="sub_category_name", help_text="Empty for a category alone.")

    class Meta:
        model = Path
        fields = ["key", "categories", "sub_category"]


class NamedSerializer(serializers.Serializer[Any]):
    """A category or sub-category with its guide."""

    name = serializers.CharField()
    guide = serializers.CharField()
    examples = serializers.ListField(child=serializers.CharField())


class TaxonomySerializer(serializers.Serializer[Any]):
    """Everything that a report can be labelled with."""

    version = serializers.IntegerField(source="pk")
    content_hash = serializers.CharField()
    categories = NamedSerializer(many=True)
    sub_categories = NamedSerializer(many=True)
    paths = PathSerializer(many=True)
