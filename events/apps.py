"""The stream side: sources, events, entities, filters, detections."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
