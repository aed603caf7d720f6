"""How model versions, promotions and trainings look as JSON."""

import datetime as dt
from typing import Any

from rest_framework import serializers

from classifier.api.filters import ABOUT_LINE
from classifier.ml.config import SMALL_SCRATCH
from classifier.models import Evaluation, ModelVersion, Promotion, TrainingRun
from classifier.models.version import CLASSIFY, DETECT
from classifier.services.lines import is_line
from classifier.services.selection import Selection
from config.api.bodies import StrictSerializer

Named = serializers.SlugRelatedField[ModelVersion]


class ViewFiguresSerializer(serializers.Serializer[Any]):
    """Exact-string figures of one view of the labels."""

    accuracy = serializers.FloatField()
    macro_f1 = serializers.FloatField()


class FiguresSerializer(serializers.Serializer[Any]):
    """Figures on the frozen test split; of a detector, which has no labelled events, those from `events` on."""

    category = ViewFiguresSerializer(required=False)
    sub_category = ViewFiguresSerializer(required=False)
    both = ViewFiguresSerializer(required=False)
    ece = serializers.FloatField(required=False, help_text="Calibration error of the confidence, 15 equal-mass bins.")
    brier = serializers.FloatField(required=False)
    nll = serializers.FloatField(required=False)
    n = serializers.IntegerField(required=False, help_text="Reports or examples in the test split.")
    reports_per_second = serializers.FloatField(required=False)
    events = serializers.IntegerField(required=False, help_text="Events that it was fitted on.")
    features = serializers.IntegerField(required=False)
    threshold = serializers.FloatField(required=False, allow_null=True)
    alert_rate = serializers.FloatField(required=False, allow_null=True)
    ks = serializers.FloatField(
        required=False,
        allow_null=True,
        help_text="Distance of the newest events' scores from those of all.",
    )


class EvaluationSerializer(serializers.ModelSerializer[Evaluation]):
    """What was measured: the served blend, or one of its experts alone; on which dataset."""

    dataset = serializers.CharField(source="snapshot.content_hash")
    figures = FiguresSerializer()

    class Meta:
        model = Evaluation
        fields = ["part", "dataset", "figures"]


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """A model version with its figures."""

    dataset = serializers.CharField(source="snapshot.content_hash", read_only=True)
    evaluations = EvaluationSerializer(many=True, read_only=True)

    class Meta:
        model = ModelVersion
        fields = ["id", "name", "line", "stage", "base_model", "t5_weight", "dataset", "created_at", "evaluations"]


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


def _refuse_no_line(line: str) -> None:
    if not is_line(line):
        raise serializers.ValidationError("There is no such model line.")


class LineSerializer(serializers.Serializer[Any]):
    line = serializers.CharField(
        max_length=80,
        required=False,
        default=CLASSIFY,
        validators=[_refuse_no_line],
        help_text=f"{ABOUT_LINE} Default: the first.",
    )


class RollbackSerializer(ReasonSerializer, LineSerializer):
    """Which line, and why."""


class PromotionSerializer(serializers.ModelSerializer[Promotion]):
    """One move of the pointer to the version in charge."""

    version: Named = serializers.SlugRelatedField("name", read_only=True)
    replaced: Named = serializers.SlugRelatedField("name", read_only=True, allow_null=True)

    class Meta:
        model = Promotion
        fields = ["id", "action", "version", "replaced", "forced", "reason", "created_at"]


def _factor(about: str = "") -> serializers.FloatField:
    return serializers.FloatField(min_value=0, max_value=1, required=False, help_text=about)


class SelectionSerializer(StrictSerializer):
    """How much decided reports count, 0 (left out) to 1 (in full, as all that is not named)."""

    labellers = serializers.DictField(
        child=_factor(), required=False, help_text="By the number of the account that decided."
    )
    imports = serializers.DictField(child=_factor(), required=False, help_text="By the number of the import.")
    days = serializers.DictField(child=_factor(), required=False, help_text="By the day of the decision, `2026-11-27`.")
    doubted = _factor("Those whose label is doubted.")
    synthetic = _factor("Synthetic samples.")

    def validate(self, told: dict[str, Any]) -> Selection:
        try:
            for day in told.get("days", {}):
                dt.date.fromisoformat(day)
            return Selection.from_json(told)
        except ValueError as error:
            raise serializers.ValidationError("Accounts and imports go by number, days as 2026-11-27.") from error


class TrainingRequestSerializer(StrictSerializer):
    """A training to start."""

    line = serializers.ChoiceField(
        choices=[CLASSIFY, DETECT],
        required=False,
        default=CLASSIFY,
        help_text="`classify` learns from the decided reports, `detect` from the examples of threats.",
    )
    base_model = serializers.CharField(
        max_length=300,
        required=False,
        default=SMALL_SCRATCH,
        help_text="`small-scratch`, `none` (the linear expert alone), a folder on the server, or a hub name.",
    )
    force = serializers.BooleanField(
        required=False, default=False, help_text="Train again although no decision has changed."
    )
    promote_if_better = serializers.BooleanField(required=False, default=False)
    options = serializers.DictField(
        required=False, default=dict, help_text="Hyper-parameters by name, such as `epochs`; the rest suits the base."
    )
    selection = SelectionSerializer(required=False)

    def validate(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if wanted["line"] != CLASSIFY and "selection" in wanted:
            raise serializers.ValidationError({"selection": ["Only trainings of the line classify leave reports out."]})
        return wanted


class TrainingSerializer(serializers.ModelSerializer[TrainingRun]):
    """A training and how far it is."""

    dataset = serializers.CharField(source="snapshot.content_hash", read_only=True)
    version: Named = serializers.SlugRelatedField("name", read_only=True, allow_null=True)

    class Meta:
        model = TrainingRun
        fields = [
            "id", "line", "status", "base_model", "options", "selection", "contents", "promote_if_better", "dataset",
            "version", "stage", "step", "total_steps", "epoch", "epochs", "loss", "validation_score", "eta_seconds",
            "error", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class DriftTestSerializer(serializers.Serializer[Any]):
    """Of one kind: `text`, `prediction` or `abstention`."""

    statistic = serializers.FloatField(help_text="Grows with the difference, in the units of its test.")
    p = serializers.FloatField(help_text="How often chance alone does as much, 0 to 1.")


class DriftWordSerializer(serializers.Serializer[Any]):
    word = serializers.CharField()
    share = serializers.FloatField(help_text="Of the window's reports.")
    before = serializers.FloatField(help_text="Of the reports that the model learned from.")


class DriftLookSerializer(serializers.Serializer[Any]):
    """One window of new reports, compared with those of the training."""

    id = serializers.IntegerField()
    number = serializers.IntegerField(help_text="1 is the first since the promotion.")
    at = serializers.DateTimeField()
    reports = serializers.IntegerField()
    tests = serializers.DictField(child=DriftTestSerializer())
    unsure = serializers.FloatField(help_text="Share of unsure predictions.")
    fired = serializers.ListField(child=serializers.CharField())
    words = DriftWordSerializer(many=True)


class DriftAlarmSerializer(serializers.Serializer[Any]):
    """A change that lasted: open, acknowledged or superseded."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.CharField()
    model = serializers.CharField()
    look = serializers.IntegerField()
    at = serializers.DateTimeField()
    note = serializers.CharField()
    by = serializers.CharField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)


class DriftRuleSerializer(serializers.Serializer[Any]):
    """`needed` of the last `of` looks with p at most `level` are an alarm."""

    level = serializers.FloatField()
    needed = serializers.IntegerField()
    of = serializers.IntegerField()


class DriftSerializer(serializers.Serializer[Any]):
    """Whether reports still look as they did when the model in charge learned."""

    model = serializers.CharField(allow_null=True)
    in_charge_since = serializers.DateTimeField(allow_null=True)
    window = serializers.IntegerField(help_text="Reports of a look.")
    waiting = serializers.IntegerField(help_text="Reports that the next look has so far.")
    trouble = serializers.CharField(help_text="Why no look comes any more, or empty.")
    rule = DriftRuleSerializer()
    looks = DriftLookSerializer(many=True, help_text="The newest 60, the oldest first.")
    alarms = DriftAlarmSerializer(many=True, help_text="The newest first.")
    measured = serializers.DictField(help_text="False alarms and delays of these tests, as a benchmark found them.")


class NoteSerializer(StrictSerializer):
    note = serializers.CharField(max_length=500, help_text="Why it is all right.")
