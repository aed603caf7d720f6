"""`manage.py verify_audit`: what it says, and how it ends."""

import json

import pytest
from django.core.management import CommandError, call_command

from incidents import audit_guard
from incidents.models import AuditEvent, AuditHead
from incidents.services import audit
from incidents.services.audit_seal import seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def _rows() -> None:
    for number in range(4):
        audit.record("test.done", number=number)
    seal()


@pytest.mark.usefixtures("_rows")
def test_a_whole_chain_ends_well_and_prints_its_end(capfd: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit")
    head = str(AuditHead.objects.get())
    assert f"The chain is whole: 4 rows, the last is {head}" in capfd.readouterr().out
    call_command("verify_audit", "--expect", head)


@pytest.mark.usefixtures("_rows")
def test_a_broken_chain_ends_with_1_and_names_the_rows(capfd: pytest.CaptureFixture[str]) -> None:
    audit_guard.lift()
    AuditEvent.objects.filter(sequence=2).update(kind="test.other")
    AuditEvent.objects.filter(sequence=3).delete()
    audit_guard.arm()
    with pytest.raises(CommandError) as error:
        call_command("verify_audit", "--json")
    assert error.value.returncode == 1
    told = json.loads(capfd.readouterr().out)
    assert (told["whole"], told["findings"]) == (False, ["Row 2 was changed.", "Row 3 is missing."])


@pytest.mark.usefixtures("_rows")
def test_the_end_that_is_printed_covers_what_was_waiting(capfd: pytest.CaptureFixture[str]) -> None:
    audit.record("test.waits")
    call_command("verify_audit", "--head")
    assert capfd.readouterr().out.startswith("5:")


@pytest.mark.usefixtures("_rows")
def test_an_end_that_is_not_there_is_told() -> None:
    for anchor in (f"9:{'0' * 64}", f"4:{'0' * 64}"):
        with pytest.raises(CommandError) as error:
            call_command("verify_audit", "--expect", anchor)
        assert error.value.returncode == 1


@pytest.mark.parametrize("anchor", ["5", "x:1", f"0:{'0' * 64}", f"5:{'0' * 63}"])
def test_nonsense_for_an_end_is_usage(anchor: str) -> None:
    with pytest.raises(CommandError, match="SEQUENCE:HASH"):
        call_command("verify_audit", "--expect", anchor)


@pytest.mark.usefixtures("_rows")
def test_a_new_key_is_adopted_only_where_the_chain_is_whole(capfd: pytest.CaptureFixture[str]) -> None:
    AuditHead.objects.update(mac=bytes(32))
    call_command("verify_audit", "--adopt")
    assert capfd.readouterr().out.startswith("4:")
    AuditHead.objects.update(mac=bytes(32))
    audit_guard.lift()
    AuditEvent.objects.filter(sequence=3).delete()
    audit_guard.arm()
    with pytest.raises(CommandError) as error:
        call_command("verify_audit", "--adopt")
    assert error.value.returncode == 3
