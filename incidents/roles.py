"""The four roles, as Django groups: each holds what the one before it holds, and more."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group, Permission

REPORTER, ANALYST, LEAD, ADMIN = "reporter", "analyst", "lead", "admin"
ROLES = (REPORTER, ANALYST, LEAD, ADMIN)

_ADDED: dict[str, Sequence[str]] = {
    REPORTER: ("incidents.add_incident",),
    ANALYST: (
        "incidents.review_incident",
        "incidents.export_incidents",
        "incidents.reveal_personal_data",
        "incidents.view_incident",
        "classifier.view_modelversion",
        "events.view_events",
    ),
    LEAD: (
        "incidents.view_profile",
        "incidents.adjudicate",
        "incidents.export_personal_data",
        "incidents.hold_reports",
        "classifier.approve_promotion",
        "incidents.change_savedview",
        "incidents.change_bulkrun",
        "events.manage_filters",
        "events.ingest_events",
    ),
    ADMIN: (
        "events.manage_sources",
        "classifier.manage_models",
        "incidents.add_setting",
        "incidents.erase_reports",
        "incidents.import_incidents",
        "incidents.manage_webhooks",
        "incidents.view_setting",
        "incidents.view_auditevent",
        "incidents.view_user",
        "incidents.add_user",
        "incidents.change_user",
        "incidents.view_category",
        "incidents.change_category",
        "incidents.view_subcategory",
        "incidents.change_subcategory",
        "incidents.view_label",
        "incidents.view_path",
        "incidents.view_taxonomyversion",
        "incidents.view_apitoken",
        "incidents.delete_apitoken",
        "classifier.view_anomalyset",
        "classifier.view_datasetsnapshot",
        "classifier.view_evaluation",
        "classifier.view_prediction",
        "classifier.view_promotion",
        "classifier.view_trainingrun",
        "workers.view_job",
        "workers.view_workerheartbeat",
        "workers.change_job",
    ),
}

ADMINS_ALONE = frozenset(_ADDED[ADMIN])


def permissions_of(role: str) -> set[str]:
    """All permission names ("app.codename") that a role holds."""
    upto = ROLES[: ROLES.index(role) + 1]
    return {name for held in upto for name in _ADDED[held]}


def sync_roles(**kwargs: Any) -> None:
    """Bring the groups to what this file says; safe to run any number of times."""
    by_name = {f"{p.content_type.app_label}.{p.codename}": p for p in Permission.objects.select_related("content_type")}
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(by_name[name] for name in permissions_of(role) if name in by_name)
