"""The model side: predictions, datasets, training runs, model versions, evaluations."""

from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    name = "classifier"
