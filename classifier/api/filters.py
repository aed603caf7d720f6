"""Which model versions and trainings a list holds."""

import django_filters

from classifier.models import ModelVersion, TrainingRun

ABOUT_LINE = "A model line: `classify`, `detect`, or `anomaly:` and the name of a source."


class ModelFilter(django_filters.FilterSet):
    line = django_filters.CharFilter(label=ABOUT_LINE)

    class Meta:
        model = ModelVersion
        fields = ["line"]


class TrainingFilter(django_filters.FilterSet):
    line = django_filters.CharFilter(label=ABOUT_LINE)

    class Meta:
        model = TrainingRun
        fields = ["line"]
