"""Addresses that say how the work stands."""

from django.urls import path

from workers import views

urlpatterns = [
    path("status/", views.status, name="status"),
    path("status/jobs/<int:pk>/retry/", views.retry_job, name="retry-job"),
    path("metrics", views.metrics_page, name="metrics"),
    path("healthz", views.healthz, name="healthz"),
]
