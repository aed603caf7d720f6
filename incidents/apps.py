"""The human side: accounts, taxonomy, reports, labels, settings, audit."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class IncidentsConfig(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from config import checks  # noqa: F401 - registers them
        from incidents.roles import sync_roles
        from incidents.services import sign_in_events
        from incidents.services.audit_seal import after_migrate

        sign_in_events.listen()

        # The groups are made once the permissions of every app are there: after the last that has any, not after each.
        *_, last = (one for one in apps.get_app_configs() if one.models_module)
        post_migrate.connect(sync_roles, sender=last, dispatch_uid="caseloop-roles")
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="caseloop-audit-chain")
