"""Addresses of the stream side, below /api/v1/."""

from django.urls import path

from events.api import detections, ingest

urlpatterns = [
    path("events/", ingest.EventIngest.as_view(), name="api-events"),
    path("detections/", detections.DetectionList.as_view(), name="api-detections"),
    path("detections/<int:pk>/", detections.DetectionDetail.as_view(), name="api-detection"),
]
