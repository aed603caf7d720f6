"""Addresses of the human side."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from incidents.views import filing, guide, home, incident, mine, profile, queue, review, settings, tokens, why


class ReceiptToken(StringConverter):
    """What a receipt's token can look like; any other text is no address, and never reaches the database."""

    regex = "[A-Za-z0-9_-]{20,60}"


register_converter(ReceiptToken, "receipt")

urlpatterns = [
    path("", home.home, name="home"),
    path("file/", filing.file, name="file"),
    path("r/<receipt:token>/", filing.receipt, name="receipt"),
    path("r/<receipt:token>/state/", filing.receipt_state, name="receipt-state"),
    path("mine/", mine.mine, name="mine"),
    path("guide/", guide.guide, name="guide"),
    path("queue/", queue.queue, name="queue"),
    path("review/", review.review_next, name="review"),
    path("review/undo/", review.review_undo, name="review-undo"),
    path("review/<int:pk>/", review.review_report, name="review-report"),
    path("review/<int:pk>/claim/", review.review_claim, name="review-claim"),
    path("review/<int:pk>/release/", review.review_release, name="review-release"),
    path("review/<int:pk>/skip/", review.review_skip, name="review-skip"),
    path("incidents/<int:pk>/", incident.incident, name="incident"),
    path("incidents/<int:pk>/classify/", incident.incident_classify, name="incident-classify"),
    path("incidents/<int:pk>/why/", why.incident_why, name="incident-why"),
    path("profile/", profile.profile, name="profile"),
    path("settings/", settings.settings, name="settings"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/revoke/", tokens.revoke, name="revoke-token"),
]
