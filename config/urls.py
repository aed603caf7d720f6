"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("api/", include("config.api.urls")),
    path("", include("incidents.urls")),
    path("", include("workers.urls")),
    path("models/", include("classifier.urls")),
    path("events/", include("events.urls")),
]
