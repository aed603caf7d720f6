"""Who may what at every address of the site: of each, the least role that gets anything by reading and by sending.

What is a person's own (a report, a token, a notice) is refused to others by the row, not by the role: see
`test_role_matrix.py`.
"""

from collections.abc import Mapping, Sequence

from incidents.models import ApiToken
from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER

ANYBODY = ""
Scope = ApiToken.Scope
ANY_SCOPE = ""
Names = Mapping[str, Sequence[str]]

# By GET. An address that stands in one table only refuses the other method to all.
READ: Names = {
    ANYBODY: (
        "account_login", "account_logout", "account_inactive", "account_signup", "account_email_verification_sent",
        "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
        "account_reset_password_from_key_done", "account_confirm_email", "set_language", "schema", "api-docs", "home",
        "file", "guide", "preferences", "healthz", "receipt", "receipt-state", "receipt-attachment",
        "mfa_login_webauthn", "socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup",
        "openid_connect_login", "openid_connect_callback",
    ),
    REPORTER: (
        "account_reauthenticate", "account_email", "account_change_password", "account_set_password",
        "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_list_webauthn", "mfa_add_webauthn",
        "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_activate_totp",
        "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes", "usersessions_list", "socialaccount_connections",
        "account_confirm_login_code", "mine", "incident", "incident-attachment", "notices", "notice", "tour", "tokens",
    ),
    ANALYST: (
        "taxonomy", "taxonomy-step", "taxonomy-step-state", "queue", "saved-views", "export", "bulk-runs", "bulk-new",
        "bulk-run", "bulk-progress", "review", "review-ahead", "review-guide", "review-report", "review-alike",
        "review-state", "shortcuts", "incident-snooze", "incident-similar-count", "incident-why", "merge",
        "alike-offer", "themes", "themes-state", "theme", "doubts", "doubts-state", "doubts-csv", "observables",
        "dashboard", "dashboard-picture", "dashboard-numbers", "status", "metrics", "models", "model-line",
        "next-labels", "next-labels-state", "next-labels-csv", "model-drift", "model-drift-look", "model-policy",
        "model-version", "model-history", "model-at", "model-labels", "model-labels-file", "model-card",
        "model-card-markdown", "model-card-json", "model-impact", "model-impact-state", "model-compare",
        "model-compare-with", "model-compare-state", "model-reports", "training-run", "training-progress",
        "training-curve", "training-curve-csv", "sources", "source", "source-scores", "live", "entities", "entity",
        "record", "detections", "detection", "events-export", "detections-ocsf", "events-profile", "dead-letters",
        "filters", "filter",
    ),
    LEAD: ("holds", "profile", "profile-state", "agreement", "agreement-numbers", "disputes", "dispute", "filter-new"),
    ADMIN: (
        "taxonomy-add", "taxonomy-label", "taxonomy-label-change", "taxonomy-category", "taxonomy-category-change",
        "taxonomy-step-undo", "imports", "import-new", "import-run", "import-state", "import-refused", "settings",
        "audit", "audit-export", "webhooks", "webhook", "train", "train-detection", "model-roll-back",
        "model-promote", "source-new", "source-settings", "lookups", "erasures", "erasure-new",
        "erasure", "erasure-state", "retention",
    ),
}  # fmt: skip

# By POST.
SEND: Names = {
    ANYBODY: (
        "account_login", "account_logout", "account_signup", "account_reset_password",
        "account_reset_password_from_key", "account_confirm_email", "set_language", "file", "file-alike",
        "preferences", "receipt-facts", "receipt-wrong", "receipt-attach",
        "mfa_login_webauthn", "socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup",
        "openid_connect_login", "openid_connect_callback",
    ),
    REPORTER: (
        "account_reauthenticate", "account_email", "account_change_password", "account_set_password",
        "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_list_webauthn", "mfa_add_webauthn",
        "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_activate_totp",
        "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes", "usersessions_list", "socialaccount_connections",
        "account_confirm_login_code", "notices-read", "notices-mail", "tour-done", "tokens", "revoke-token",
    ),
    ANALYST: (
        "saved-views", "saved-view", "bulk-start", "bulk-cancel", "bulk-revert", "review-undo", "review-report",
        "review-claim", "review-release", "review-skip", "review-classify", "review-suggestions", "shortcuts",
        "reset-shortcuts", "incident-snooze", "incident-wake", "incident-classify", "incident-why",
        "incident-reveal", "incident-conceal",
        "incident-comment", "incident-ask", "incident-attach", "incident-assign", "incident-severity",
        "incident-watch", "incident-reject", "incident-look-through", "merge", "unmerge", "alike-answer",
        "themes-find", "doubts-find", "doubt-settle", "model-policy",
    ),
    LEAD: (
        "incident-hold", "account-hold", "hold-lift",
        "profile-measure", "dispute", "dispute-undo", "force-agree", "force-decline", "dead-letters-replay",
        "dead-letters-discard", "filter-new", "filter-change", "filter-dry-run", "filter-enable", "filter-disable",
        "filter-move", "filter-delete",
    ),
    ADMIN: (
        "taxonomy-add", "taxonomy-label", "taxonomy-label-change", "taxonomy-category", "taxonomy-category-change",
        "taxonomy-step-undo", "import-new", "import-cancel", "audit-check", "settings", "webhooks", "webhook",
        "webhook-test", "webhook-secret", "webhook-retry", "retry-job", "train", "train-detection", "model-roll-back",
        "next-labels-measure", "model-drift-acknowledge", "model-policy-save", "model-policy-send-back",
        "model-promise-acknowledge", "model-promote", "replay-ask", "model-rebuild", "model-impact-ask",
        "model-force", "model-compare-measure", "model-shadow", "model-shadow-end", "training-cancel",
        "training-resume", "training-again", "source-new", "source-settings", "source-train", "lookups",
        "lookup-toggle", "lookup-remove", "erasure-new", "retention",
    ),
}  # fmt: skip

# The API: of each method the least role, and the scope that a token needs.
API: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "api-incidents": {"GET": (REPORTER, Scope.READ), "POST": (REPORTER, Scope.FILE)},
    "api-incident": {"GET": (REPORTER, Scope.READ)},
    "api-incident-reveal": {"POST": (ANALYST, Scope.REVEAL)},
    "api-incident-labels": {"POST": (ANALYST, Scope.LABEL)},
    "api-imports": {"GET": (ADMIN, Scope.IMPORT), "POST": (ADMIN, Scope.IMPORT)},
    "api-import": {"GET": (ADMIN, Scope.IMPORT)},
    "api-erasures": {"GET": (ADMIN, Scope.ERASE), "POST": (ADMIN, Scope.ERASE)},
    "api-erasure-preview": {"POST": (ADMIN, Scope.ERASE)},
    "api-erasure": {"GET": (ADMIN, Scope.ERASE)},
    "api-taxonomy": {"GET": (REPORTER, ANY_SCOPE)},
    "api-taxonomy-steps": {"GET": (ANALYST, Scope.MODELS), "POST": (ADMIN, Scope.MANAGE)},
    "api-explanation": {"GET": (ANALYST, Scope.READ)},
    "api-similar": {"GET": (ANALYST, Scope.READ)},
    "api-models": {"GET": (ANALYST, Scope.MODELS)},
    "api-model": {"GET": (ANALYST, Scope.MODELS)},
    "api-promote": {"POST": (ADMIN, Scope.MANAGE)},
    "api-gate": {"GET": (ANALYST, Scope.MODELS)},
    "api-impact": {"GET": (ANALYST, Scope.MODELS), "POST": (ADMIN, Scope.MANAGE)},
    "api-shadow": {"GET": (ANALYST, Scope.MODELS)},
    "api-model-history": {"GET": (ANALYST, Scope.MODELS)},
    "api-force": {"POST": (ADMIN, Scope.MANAGE)},
    "api-force-agree": {"POST": (LEAD, Scope.MANAGE)},
    "api-force-decline": {"POST": (LEAD, Scope.MANAGE)},
    "api-compare": {"GET": (ANALYST, Scope.MODELS), "POST": (ADMIN, Scope.MANAGE)},
    "api-rollback": {"POST": (ADMIN, Scope.MANAGE)},
    "api-drift": {"GET": (ANALYST, Scope.MODELS)},
    "api-acknowledge-drift": {"POST": (ADMIN, Scope.MANAGE)},
    "api-learning-curve": {"GET": (ANALYST, Scope.MODELS), "POST": (ADMIN, Scope.MANAGE)},
    "api-policy": {"GET": (ANALYST, Scope.MODELS), "POST": (ADMIN, Scope.MANAGE)},
    "api-policy-preview": {"POST": (ANALYST, Scope.MODELS)},
    "api-acknowledge-promise": {"POST": (ADMIN, Scope.MANAGE)},
    "api-trainings": {"GET": (ANALYST, Scope.MODELS), "POST": (ADMIN, Scope.MANAGE)},
    "api-training": {"GET": (ANALYST, Scope.MODELS)},
    "api-cancel-training": {"POST": (ADMIN, Scope.MANAGE)},
    "api-resume-training": {"POST": (ADMIN, Scope.MANAGE)},
    "api-events": {"POST": (LEAD, Scope.EVENTS_WRITE)},
    "api-detections": {"GET": (ANALYST, Scope.EVENTS_READ)},
    "api-detection": {"GET": (ANALYST, Scope.EVENTS_READ)},
}
