"""Addresses of the stream side, below /api/v1/."""

from django.urls import path

from events.api import ingest

urlpatterns = [
    path("events/", ingest.EventIngest.as_view(), name="api-events"),
]
