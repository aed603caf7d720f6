"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

handler429 = "config.limits.handle_429"  # asked for by allauth
handler500 = "config.outages.failed"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/providers/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("language/", set_language, name="set_language"),
    path("api/", include("config.api.urls")),
    path("", include("incidents.urls")),
    path("", include("workers.urls")),
    path("models/", include("classifier.urls")),
    path("events/", include("events.urls")),
]
