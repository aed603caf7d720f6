"""Every address of the site: the pages, with the roles that look at them, and what is no page, with the reason."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER

ANYBODY = ""
OWN = {"admin", "rest_framework"}  # namespaces whose pages are not ours

# Name -> who looks. What follows a dash in a name is another state of the same page.
PAGES: dict[str, Sequence[str]] = {
    "home": (ANYBODY, REPORTER, ANALYST, ADMIN),
    "file": (ANYBODY,),
    "receipt": (ANYBODY, REPORTER),
    "receipt-answered": (ANYBODY,),
    "guide": (ANYBODY,),
    "taxonomy": (ANALYST, ADMIN),
    "taxonomy-add": (ADMIN,),
    "taxonomy-label": (ADMIN,),
    "taxonomy-label-change": (ADMIN,),
    "taxonomy-category": (ADMIN,),
    "taxonomy-category-change": (ADMIN,),
    "taxonomy-step": (ANALYST, ADMIN),
    "taxonomy-step-undo": (ADMIN,),
    "preferences": (ANYBODY, ANALYST),
    "account_login": (ANYBODY,),
    "account_signup": (ANYBODY,),
    "account_reset_password": (ANYBODY,),
    "account_reset_password_done": (ANYBODY,),
    "account_reset_password_from_key_done": (ANYBODY,),
    "account_inactive": (ANYBODY,),
    "account_email_verification_sent": (ANYBODY,),
    "account_change_password": (REPORTER,),
    "account_email": (REPORTER,),
    "account_logout": (REPORTER,),
    "account_reauthenticate": (REPORTER,),
    "mfa_index": (REPORTER, LEAD),
    "mfa_list_webauthn": (REPORTER, LEAD),
    "mfa_add_webauthn": (REPORTER,),
    "mfa_edit_webauthn": (LEAD,),
    "mfa_remove_webauthn": (LEAD,),
    "mfa_activate_totp": (REPORTER,),
    "mfa_deactivate_totp": (LEAD,),
    "mfa_view_recovery_codes": (LEAD,),
    "mfa_generate_recovery_codes": (LEAD,),
    "mfa_reauthenticate": (LEAD,),
    "mfa_reauthenticate_webauthn": (LEAD,),
    "usersessions_list": (REPORTER, ADMIN),
    "socialaccount_connections": (REPORTER,),
    "socialaccount_login_cancelled": (ANYBODY,),
    "mine": (REPORTER, ADMIN),
    "notices": (REPORTER, ANALYST),
    "tokens": (REPORTER, ADMIN),
    "tour": (REPORTER, ADMIN),
    "queue": (ANALYST, LEAD),
    "queue-empty": (ANALYST,),
    "review-empty": (ANALYST,),
    "saved-views": (ANALYST,),
    "review-report": (ANALYST,),
    "review-report-held": (ANALYST,),
    "shortcuts": (ANALYST,),
    "incident": (REPORTER, ANALYST, LEAD),
    "incident-decided": (ANALYST,),
    "incident-snooze": (ANALYST,),
    "merge": (ANALYST,),
    "bulk-runs": (ANALYST,),
    "bulk-new": (ANALYST,),
    "bulk-run": (ANALYST,),
    "imports": (ADMIN,),
    "import-new": (ADMIN,),
    "import-run": (ADMIN,),
    "import-run-open": (ADMIN,),
    "import-run-failed": (ADMIN,),
    "incident-held": (ANALYST, LEAD),
    "incident-erased": (ANALYST, ADMIN),
    "erasures": (ADMIN,),
    "erasure-new": (ADMIN,),
    "erasure": (ADMIN,),
    "erasure-open": (ADMIN,),
    "holds": (LEAD,),
    "retention": (ADMIN,),
    "themes": (ANALYST,),
    "theme": (ANALYST,),
    "doubts": (ANALYST,),
    "observables": (ANALYST,),
    "dashboard": (ANALYST, LEAD),
    "dashboard-picture": (LEAD,),
    "agreement": (LEAD,),
    "disputes": (LEAD,),
    "dispute": (LEAD,),
    "dispute-settled": (LEAD,),
    "profile": (LEAD,),
    "settings": (ADMIN,),
    "audit": (ADMIN,),
    "audit-filtered": (ADMIN,),
    "webhooks": (ADMIN,),
    "webhook": (ADMIN,),
    "status": (ANALYST, ADMIN),
    "models": (ANALYST, ADMIN),
    "model-line": (ANALYST,),
    "next-labels": (ANALYST, ADMIN),
    "model-drift": (ANALYST, ADMIN),
    "model-drift-look": (ANALYST,),
    "model-policy": (ANALYST, ADMIN),
    "model-version": (ADMIN,),
    "model-compare-with": (ANALYST, ADMIN),
    "model-compare-with-lacking": (ADMIN,),
    "model-reports": (ANALYST,),
    "model-promote": (ADMIN,),
    "model-roll-back": (ADMIN,),
    "model-impact": (ANALYST, ADMIN),
    "model-card": (ANALYST, ADMIN),
    "model-labels": (ANALYST,),
    "model-history": (ANALYST,),
    "model-at": (ANALYST, ADMIN),
    "model-at-report": (ADMIN,),
    "train": (ADMIN,),
    "train-detection": (ADMIN,),
    "training-run": (ADMIN,),
    "sources": (ANALYST, ADMIN),
    "source": (ANALYST, ADMIN),
    "source-new": (ADMIN,),
    "source-settings": (ADMIN,),
    "live": (ANALYST,),
    "entities": (ANALYST,),
    "entity": (ANALYST,),
    "record": (ANALYST,),
    "detections": (ANALYST,),
    "detection": (ANALYST,),
    "events-profile": (LEAD,),
    "dead-letters": (LEAD,),
    "filters": (LEAD,),
    "filter": (LEAD,),
    "filter-new": (LEAD,),
    "lookups": (ADMIN,),
}
# What an address has after the question mark, where nothing would be no page.
QUERIES = {
    "erasure-new": "what=reporter",
    "model-at-report": "moment=2999-01-01&incident=1",
    "bulk-new": "scope=filter&query=",
    "audit-filtered": "kind=nothing&since=tomorrow",
    "model-roll-back": "line=classify",
    "queue-empty": "q=nobody+wrote+this",
    "review-empty": "status=waiting&q=nobody+wrote+this",
}

STEP = "a step, sent by POST"
PART = "a part of a page"
DATA = "data, no page"
LEADS_ON = "leads on to another page"
NO_PAGE: dict[str, Sequence[str]] = {
    STEP: (
        "set_language", "tour-done", "revoke-token", "retry-job", "reset-shortcuts", "notices-read", "notices-mail",
        "receipt-facts", "receipt-wrong", "receipt-attach", "saved-view", "review-undo", "review-claim",
        "review-release", "review-skip", "review-classify", "review-suggestions", "incident-wake", "incident-classify",
        "incident-look-through", "incident-reveal", "incident-conceal",
        "incident-comment", "incident-ask", "incident-attach", "incident-assign", "incident-severity",
        "incident-watch", "incident-reject", "incident-hold", "account-hold", "hold-lift",
        "unmerge", "alike-answer", "themes-find", "doubts-find", "doubt-settle",
        "profile-measure", "next-labels-measure", "bulk-start", "bulk-cancel", "bulk-revert", "import-cancel",
        "dispute-undo",
        "webhook-test", "webhook-secret", "webhook-retry",
        "model-compare-measure", "model-shadow", "model-shadow-end", "model-force", "force-agree", "force-decline",
        "model-impact-ask", "replay-ask", "model-rebuild", "training-cancel", "training-again", "training-resume",
        "model-drift-acknowledge", "audit-check",
        "model-policy-save", "model-policy-send-back", "model-promise-acknowledge",
        "source-train", "dead-letters-replay", "dead-letters-discard", "filter-dry-run", "filter-change",
        "filter-enable", "filter-disable", "filter-move", "filter-delete", "lookup-toggle", "lookup-remove",
    ),
    PART: (
        "receipt-state", "file-alike", "incident-why", "review-ahead", "review-guide", "review-alike", "review-state",
        "incident-similar-count", "alike-offer", "themes-state", "doubts-state", "profile-state", "next-labels-state",
        "bulk-progress", "import-state", "erasure-state",
        "training-progress", "training-curve", "model-compare-state", "model-impact-state", "taxonomy-step-state",
    ),
    DATA: (
        "metrics", "healthz", "model-labels-file", "model-card-markdown", "model-card-json", "export",
        "training-curve-csv", "doubts-csv", "next-labels-csv", "agreement-numbers", "dashboard-numbers",
        "source-scores",
        "import-refused", "audit-export", "events-export", "detections-ocsf", "receipt-attachment",
        "incident-attachment", "schema",
        "mfa_download_recovery_codes",
        "import-refused", "events-export", "detections-ocsf", "receipt-attachment", "incident-attachment", "schema",
    ),
    LEADS_ON: (
        "review", "notice", "model-compare", "account_confirm_email", "account_reset_password_from_key",
        "account_set_password", "account_confirm_login_code", "mfa_authenticate", "mfa_login_webauthn",
        "socialaccount_signup", "openid_connect_login", "openid_connect_callback",
    ),
    "a refusal, which test_accessibility.py looks at": ("socialaccount_login_error",),
    "Swagger's own page, by its makers": ("api-docs",),
}  # fmt: skip


def names_of_the_site() -> set[str]:
    """Of every address that the resolver knows, the API's and the admin's left out."""
    return {one.name for one in patterns_of_the_site() if one.name and not one.name.startswith("api-v1")}


def patterns_of_the_site() -> Iterator[URLPattern]:
    """Of every address that is ours."""
    return patterns_below(get_resolver().url_patterns)


def patterns_below(patterns: Sequence[Any]) -> Iterator[URLPattern]:
    for one in patterns:
        if isinstance(one, URLPattern):
            yield one
        elif isinstance(one, URLResolver) and one.namespace not in OWN:
            yield from patterns_below(one.url_patterns)
