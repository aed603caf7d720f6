"""Addresses below /api/: version 1, its schema and its documentation."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.api.schema import Nothing

urlpatterns = [
    path("v1/", include("incidents.api.urls")),
    path("v1/", include("classifier.api.urls")),
    path("v1/", include("events.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(template_name="api/docs.html"), name="api-docs"),
    re_path(r"^v1/.*$", Nothing.as_view()),
]
