"""The migration that takes names and reasons out of audit events of earlier releases, before the chain seals them."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from incidents import audit_guard
from incidents.models import AuditEvent, PassingReason
from incidents.services import audit
from incidents.services.audit_check import verify
from incidents.services.audit_seal import seal
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db
migration = import_module("incidents.migrations.0005_erasure")


def taken_out() -> dict[str, tuple[str, Any]]:
    """Subject and detail by kind, after the migration's step."""
    audit_guard.lift()
    state = MigrationExecutor(connection).loader.project_state([("incidents", "0005_erasure")])
    migration.take_words_out(state.apps, None)
    audit_guard.arm()
    return {event.kind: (event.subject, event.detail) for event in AuditEvent.objects.all()}


def test_reasons_move_beside_the_event_and_stay_readable() -> None:
    incident = make_incident()
    event = audit.record("incident.skipped", incident=incident, reason="ask Asha", seconds=3)
    gone = AuditEvent.objects.create(kind="second_opinion.skipped", incident_id=10**6, detail={"reason": "ask Asha"})
    assert taken_out() == {"incident.skipped": ("", {"seconds": 3}), "second_opinion.skipped": ("", {})}
    reason = PassingReason.objects.get()
    assert (reason.event, reason.incident, reason.text) == (event, incident, "ask Asha")
    assert not PassingReason.objects.filter(event=gone).exists()


def test_names_become_numbers_and_words_that_stand_elsewhere_go() -> None:
    asha = make_user("asha")
    audit.record("account.signed_in", actor=asha, subject="asha", by=["password"])
    audit.record("account.sign_in_failed", subject="somebody gone")
    audit.record("account.role", subject=f"account {asha.pk}")
    audit.record("filter.deleted", subject="Quiet asha", filter=7, sigma="user: asha", reason="asha asks", hits=2)
    audit.record("model.drift_acknowledged", subject="v1", alarm=3, note="as asha said")
    audit.record("model.shadow_ended", subject="v1", reason="its 14 days are over")
    audit.record("import.started", subject="asha.csv", run=4)
    assert taken_out() == {
        "account.signed_in": (f"account {asha.pk}", {"by": ["password"]}),
        "account.sign_in_failed": ("", {}),
        "account.role": (f"account {asha.pk}", {}),
        "filter.deleted": ("filter 7", {"filter": 7, "hits": 2}),
        "model.drift_acknowledged": ("v1", {"alarm": 3}),
        "model.shadow_ended": ("v1", {"reason": "its 14 days are over"}),
        "import.started": ("import 4", {"run": 4}),
    }


def test_what_is_sealed_stays_as_it_is() -> None:
    audit.record("account.signed_in", subject="asha")
    seal()
    assert taken_out() == {"account.signed_in": ("asha", {})}
    assert verify().is_whole


def test_the_database_refuses_changes_only_from_the_last_step_on() -> None:
    steps = [getattr(one, "code", None) for one in migration.Migration.operations]
    assert steps.index(migration.take_words_out) < steps.index(migration.arm)
    audit_chain = import_module("incidents.migrations.0004_audit_chain")
    assert not any(hasattr(one, "code") for one in audit_chain.Migration.operations)
