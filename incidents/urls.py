"""Addresses of the human side."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from incidents.views import (
    adjudication,
    agreement,
    assignment,
    attachments,
    bulk,
    comments,
    dashboard,
    exports,
    filing,
    guide,
    home,
    incident,
    mine,
    notices,
    observables,
    profile,
    queue,
    reporter,
    review,
    review_parts,
    saved_views,
    settings,
    shortcuts,
    snooze,
    tokens,
    webhooks,
    why,
)


class ReceiptToken(StringConverter):
    """What a receipt's token can look like; any other text is no address, and never reaches the database."""

    regex = "[A-Za-z0-9_-]{20,60}"


class ExportForm(StringConverter):
    """How a file of reports is written."""

    regex = "csv|jsonl"


register_converter(ReceiptToken, "receipt")
register_converter(ExportForm, "export_form")

urlpatterns = [
    path("", home.home, name="home"),
    path("file/", filing.file, name="file"),
    path("r/<receipt:token>/", filing.receipt, name="receipt"),
    path("r/<receipt:token>/state/", filing.receipt_state, name="receipt-state"),
    path("r/<receipt:token>/facts/", reporter.receipt_facts, name="receipt-facts"),
    path("r/<receipt:token>/wrong/", reporter.receipt_wrong, name="receipt-wrong"),
    path("r/<receipt:token>/attach/", attachments.receipt_attach, name="receipt-attach"),
    path("r/<receipt:token>/files/<int:attachment>/", attachments.receipt_attachment, name="receipt-attachment"),
    path("mine/", mine.mine, name="mine"),
    path("guide/", guide.guide, name="guide"),
    path("queue/", queue.queue, name="queue"),
    path("queue/views/", saved_views.saved_views, name="saved-views"),
    path("queue/views/<int:pk>/", saved_views.saved_view, name="saved-view"),
    path("queue/export.<export_form:form>", exports.export, name="export"),
    path("bulk/", bulk.bulk_runs, name="bulk-runs"),
    path("bulk/new/", bulk.bulk_new, name="bulk-new"),
    path("bulk/start/", bulk.bulk_start, name="bulk-start"),
    path("bulk/<int:pk>/", bulk.bulk_run, name="bulk-run"),
    path("bulk/<int:pk>/progress/", bulk.bulk_progress, name="bulk-progress"),
    path("bulk/<int:pk>/cancel/", bulk.bulk_cancel, name="bulk-cancel"),
    path("bulk/<int:pk>/revert/", bulk.bulk_revert, name="bulk-revert"),
    path("review/", review.review_next, name="review"),
    path("review/undo/", review.review_undo, name="review-undo"),
    path("review/ahead/", review.review_ahead, name="review-ahead"),
    path("review/guide/", review_parts.review_guide, name="review-guide"),
    path("review/<int:pk>/", review.review_report, name="review-report"),
    path("review/<int:pk>/claim/", review.review_claim, name="review-claim"),
    path("review/<int:pk>/release/", review.review_release, name="review-release"),
    path("review/<int:pk>/skip/", review.review_skip, name="review-skip"),
    path("review/<int:pk>/alike/", review_parts.review_alike, name="review-alike"),
    path("review/<int:pk>/state/", review_parts.review_state, name="review-state"),
    path("review/<int:pk>/classify/", review_parts.review_classify, name="review-classify"),
    path("review/<int:pk>/suggestions/", review_parts.review_suggestions, name="review-suggestions"),
    path("shortcuts/", shortcuts.shortcuts, name="shortcuts"),
    path("shortcuts/reset/", shortcuts.reset_shortcuts, name="reset-shortcuts"),
    path("incidents/<int:pk>/", incident.incident, name="incident"),
    path("incidents/<int:pk>/snooze/", snooze.incident_snooze, name="incident-snooze"),
    path("incidents/<int:pk>/wake/", snooze.incident_wake, name="incident-wake"),
    path("incidents/<int:pk>/classify/", incident.incident_classify, name="incident-classify"),
    path("incidents/<int:pk>/why/", why.incident_why, name="incident-why"),
    path("incidents/<int:pk>/comment/", comments.incident_comment, name="incident-comment"),
    path("incidents/<int:pk>/ask/", comments.incident_ask, name="incident-ask"),
    path("incidents/<int:pk>/attach/", attachments.incident_attach, name="incident-attach"),
    path("incidents/<int:pk>/files/<int:attachment>/", attachments.incident_attachment, name="incident-attachment"),
    path("incidents/<int:pk>/assign/", assignment.incident_assign, name="incident-assign"),
    path("incidents/<int:pk>/severity/", assignment.incident_severity, name="incident-severity"),
    path("incidents/<int:pk>/watch/", assignment.incident_watch, name="incident-watch"),
    path("incidents/<int:pk>/reject/", assignment.incident_reject, name="incident-reject"),
    path("observables/", observables.observables, name="observables"),
    path("profile/", profile.profile, name="profile"),
    path("settings/", settings.settings, name="settings"),
    path("agreement/", agreement.agreements, name="agreement"),
    path("agreement/<slug:name>.csv", agreement.agreement_numbers, name="agreement-numbers"),
    path("adjudication/", adjudication.disputes, name="disputes"),
    path("adjudication/<int:pk>/", adjudication.dispute, name="dispute"),
    path("adjudication/<int:pk>/undo/", adjudication.dispute_undo, name="dispute-undo"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/<slug:name>/", dashboard.picture, name="dashboard-picture"),
    path("dashboard/<slug:name>.csv", dashboard.numbers, name="dashboard-numbers"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.notices_read, name="notices-read"),
    path("notices/mail/", notices.notices_mail, name="notices-mail"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:pk>/test/", webhooks.webhook_test, name="webhook-test"),
    path("webhooks/<int:pk>/secret/", webhooks.webhook_secret, name="webhook-secret"),
    path("webhooks/deliveries/<int:pk>/retry/", webhooks.webhook_retry, name="webhook-retry"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/revoke/", tokens.revoke, name="revoke-token"),
]
