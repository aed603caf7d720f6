"""Addresses of the API's version 1 that belong to reports."""

from django.urls import path

from incidents.api import erasing, imports, taxonomy, views

urlpatterns = [
    path("incidents/", views.IncidentList.as_view(), name="api-incidents"),
    path("incidents/<int:pk>/", views.IncidentDetail.as_view(), name="api-incident"),
    path("incidents/<int:pk>/reveal/", views.IncidentReveal.as_view(), name="api-incident-reveal"),
    path("incidents/<int:pk>/labels/", views.IncidentLabels.as_view(), name="api-incident-labels"),
    path("imports/", imports.ImportList.as_view(), name="api-imports"),
    path("imports/<int:pk>/", imports.ImportDetail.as_view(), name="api-import"),
    path("erasures/", erasing.ErasureList.as_view(), name="api-erasures"),
    path("erasures/preview/", erasing.ErasurePreview.as_view(), name="api-erasure-preview"),
    path("erasures/<int:pk>/", erasing.ErasureDetail.as_view(), name="api-erasure"),
    path("taxonomy/", taxonomy.Taxonomy.as_view(), name="api-taxonomy"),
    path("taxonomy/steps/", taxonomy.TaxonomySteps.as_view(), name="api-taxonomy-steps"),
]
