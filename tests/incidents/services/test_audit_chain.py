"""The chain of audit events: sealed in order, and every change of it is found and told by its number."""

import datetime as dt
import itertools
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from incidents import audit_guard
from incidents.audit_chain import Meaning, digest
from incidents.models import AuditCheck, AuditEvent, AuditHead
from incidents.services import audit
from incidents.services.audit_check import verify
from incidents.services.audit_runs import audit_state, check_chain, request_due_check
from incidents.services.audit_seal import ForeignHead, adopt, after_migrate, seal
from tests.builders import make_incident, make_user
from workers import jobs
from workers.jobs import Limit

pytestmark = pytest.mark.django_db

TABLE = audit_guard.TABLE


@pytest.fixture
def chain() -> list[AuditEvent]:
    """Ten sealed rows."""
    person, incident = make_user("asha", role="admin"), make_incident()
    for number in range(10):
        audit.record("test.done", actor=person, incident=incident, subject=f"thing {number}", number=number / 2, to="é")
    seal()
    return list(AuditEvent.objects.order_by("sequence"))


def run(sql: str, *values: Any) -> None:
    """As somebody does who owns the database."""
    audit_guard.lift()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    audit_guard.arm()


def test_a_chain_that_nobody_touched_is_whole(chain: list[AuditEvent]) -> None:
    found = verify()
    assert (found.is_whole, found.findings, found.rows, found.sequence) == (True, [], len(chain), len(chain))
    assert [row.sequence for row in chain] == list(range(1, len(chain) + 1))
    assert bytes(chain[0].previous_hash) == bytes(32)
    assert all(bytes(after.previous_hash) == bytes(before.hash) for before, after in itertools.pairwise(chain))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", 987_654),
        ("kind", "test.undone"),
        ("actor_id", 987_654),
        ("actor_id", None),
        ("incident_id", 987_654),
        ("incident_id", None),
        ("subject", "another thing"),
        ("detail", '{"number": 2.0, "to": "e"}'),
        ("created_at", dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
        ("previous_hash", bytes(range(32))),
        ("hash", bytes(range(32))),
    ],
)
def test_a_change_of_any_column_is_told_by_its_number(chain: list[AuditEvent], column: str, value: Any) -> None:
    if connection.vendor == "sqlite" and isinstance(value, dt.datetime):
        value = value.replace(tzinfo=None).isoformat(" ", "microseconds")
    run(f"UPDATE {TABLE} SET {column} = %s WHERE sequence = 5", value)
    found = verify()
    assert not found.is_whole
    assert "Row 5 was changed." in found.findings


def test_a_row_moved_to_another_place_leaves_a_gap(chain: list[AuditEvent]) -> None:
    run(f"UPDATE {TABLE} SET sequence = 900 WHERE sequence = 5")
    assert any(one.startswith("Row 5 is missing") for one in verify().findings)
    assert "1 rows stand beyond the end of the chain." in verify().findings


def test_a_row_taken_out_of_the_chain_is_missing_and_waits(chain: list[AuditEvent]) -> None:
    run(f"UPDATE {TABLE} SET sequence = NULL, hash = NULL, previous_hash = NULL WHERE sequence = 5")
    found = verify()
    assert (found.findings, found.waiting) == (["Row 5 is missing."], 1)


def test_missing_rows_are_told_in_the_middle_and_at_the_end(chain: list[AuditEvent]) -> None:
    run(f"DELETE FROM {TABLE} WHERE sequence BETWEEN 3 AND 5")
    assert verify().findings == ["Rows 3 to 5: each is missing."]
    run(f"DELETE FROM {TABLE} WHERE sequence >= %s", len(chain))
    assert f"Row {len(chain)} is missing." in verify().findings


def test_two_rows_that_were_exchanged_are_both_told(chain: list[AuditEvent]) -> None:
    for before, after in ((4, 900), (7, 4), (900, 7)):
        run(f"UPDATE {TABLE} SET sequence = %s WHERE sequence = %s", after, before)
    findings = verify().findings
    assert "Row 4 was changed." in findings and "Row 7 was changed." in findings


def test_a_row_put_in_between_is_found(chain: list[AuditEvent]) -> None:
    for number in range(len(chain), 5, -1):
        run(f"UPDATE {TABLE} SET sequence = %s WHERE sequence = %s", number + 1, number)
    forged = AuditEvent(kind="test.forged", sequence=6, previous_hash=chain[4].hash, hash=bytes(range(32)))
    forged.save()
    findings = verify().findings
    assert any("6" in one for one in findings) and not verify().is_whole


def test_a_row_whose_own_hash_was_made_to_fit_breaks_the_one_after_it(chain: list[AuditEvent]) -> None:
    row = chain[4].meaning
    forged = Meaning(**{**row.__dict__, "kind": "test.undone"})
    own = digest(forged, 5, bytes(chain[4].previous_hash))
    run(f"UPDATE {TABLE} SET kind = 'test.undone', hash = %s WHERE sequence = 5", own)
    assert [one[:5] for one in verify().findings] == ["Row 6"]


def test_a_tail_cut_off_with_a_head_of_earlier_is_found_by_an_end_that_was_kept(chain: list[AuditEvent]) -> None:
    earlier = AuditHead.objects.get()
    audit.record("test.later")
    seal()
    kept = AuditHead.objects.get()
    anchor = (kept.sequence, bytes(kept.hash))
    assert verify(anchor).is_whole
    earlier.save()  # a copy of an earlier time, and its seal with it
    run(f"DELETE FROM {TABLE} WHERE sequence = %s", kept.sequence)
    assert verify().is_whole
    assert verify(anchor).findings == [
        f"Row {kept.sequence} is expected, but the chain ends at {len(chain)}: what came after was cut off."
    ]


def test_a_chain_written_anew_lacks_the_seal_and_is_not_gone_on_with(chain: list[AuditEvent]) -> None:
    AuditHead.objects.update(mac=bytes(32))
    assert any("SECRET_KEY" in one for one in verify().findings)
    audit.record("test.later")
    with pytest.raises(ForeignHead):
        seal()
    assert not audit_state().is_good


def test_a_new_secret_key_is_adopted(chain: list[AuditEvent], settings: Settings) -> None:
    settings.SECRET_KEY = "another"
    assert not verify().is_whole
    adopt()
    audit.record("test.later")
    assert (seal(), verify().is_whole) == (1, True)


def test_the_database_itself_refuses_to_change_and_to_delete_rows(chain: list[AuditEvent]) -> None:
    audit.record("test.waiting")
    for act in (
        lambda: AuditEvent.objects.filter(sequence=5).update(kind="x"),
        lambda: AuditEvent.objects.filter(sequence=None).update(kind="x"),
        lambda: AuditEvent.objects.filter(sequence=5).update(sequence=None, hash=None, previous_hash=None),
        lambda: AuditEvent.objects.filter(sequence=5).delete(),
        lambda: AuditEvent.objects.filter(sequence=None).delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            act()
    seal()
    assert verify().is_whole


def test_a_guard_that_was_taken_away_is_told_and_comes_back_with_migrate(chain: list[AuditEvent]) -> None:
    audit_guard.lift()
    assert any("manage.py migrate" in one for one in verify().findings)
    after_migrate()
    assert verify().is_whole


def test_deleting_a_person_leaves_the_chain_as_it_is(chain: list[AuditEvent]) -> None:
    person = make_user("gone")
    audit.record("test.done", actor=person)
    seal()
    person.delete()
    assert verify().is_whole
    assert AuditEvent.objects.select_related("actor").get(actor_id=chain[-1].actor_id, sequence=1).actor is not None
    assert AuditEvent.objects.select_related("actor").order_by("-sequence")[0].actor is None


def test_rows_of_before_the_chain_are_sealed_in_their_order_by_migrate() -> None:
    AuditEvent.objects.bulk_create(AuditEvent(kind=f"test.{number}") for number in range(5))
    assert verify().waiting == 5
    after_migrate()
    kinds = AuditEvent.objects.order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == [f"test.{number}" for number in range(5)] and verify().is_whole


def test_whole_numbers_hash_alike_in_every_database() -> None:
    audit.record("test.done", big=1e16, small=2.0, part=0.1, list=[1.0, {"a": 3.0}], text="\u2028 é")
    seal()
    assert verify().is_whole


def test_the_daily_job_keeps_what_it_found_and_the_state_tells_it(chain: list[AuditEvent]) -> None:
    for expected in ([], ["Row 5 was changed."]):
        AuditCheck.objects.all().delete()
        request_due_check()
        request_due_check()
        assert AuditCheck.objects.count() == 1, "once a day"
        batch = jobs.claim("analysis", worker="w", limits={"verify_audit": Limit()})
        assert batch is not None
        check_chain(batch)
        state = audit_state()
        assert (state.trouble, state.last and state.last.sequence) == (expected, len(chain))
        assert state.look and not state.look.at_work
        run(f"UPDATE {TABLE} SET subject = 'x' WHERE sequence = 5")


def test_rows_that_wait_for_long_are_told() -> None:
    AuditEvent.objects.create(kind="test.old", created_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    assert any("sweeper" in one for one in audit_state().trouble)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_write_and_seal_one_unbroken_chain() -> None:
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(15):
                with transaction.atomic():
                    audit.record("test.at_once", subject=f"{number} {turn}")
                seal()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal()
    found = verify()
    assert (errors, found.findings, found.rows, found.waiting) == ([], [], 90, 0)
