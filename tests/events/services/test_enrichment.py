"""What flagged events are looked up in, while tables come, go and break."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from events.models import Event, LookupTable
from events.services import enrichment
from events.services.enrichment import enrich_events
from events.services.lookups import add_table, file_of, remove_table, switch_table
from incidents.models import User
from tests.builders import make_user
from tests.events.filter_rows import make_filter, make_source
from tests.events.streams import lines, session, take

pytestmark = pytest.mark.django_db
CSV = b"address,list\n198.51.100.0/24,botnet\n"
LISTED, UNLISTED, OTHER = {"source.ip": "198.51.100.7"}, {"source.ip": "192.0.2.1"}, {"user.name": "asha"}


@pytest.fixture(autouse=True)
def _anew(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.CASELOOP_HOME = tmp_path
    monkeypatch.setattr(enrichment, "TIME", 5.0)  # a busy machine may take a while; slowness has a test of its own
    monkeypatch.setattr(enrichment, "BATCH_TIME", 20.0)
    enrichment.forget()
    yield
    enrichment.forget()


@pytest.fixture
def admin() -> User:
    return make_user(role="admin")


def make_table(by: User, name: str = "intel", content: bytes = CSV) -> LookupTable:
    file = ContentFile(content, "list.csv")
    return add_table(name=name, kind="threat_intel", field="source.ip", file=file, by=by).row


def look_again() -> None:
    enrichment._look_again = 0.0


def test_without_a_table_nothing_is_looked_up_and_hardly_anything_asked() -> None:
    assert enrich_events([LISTED]) == [("", None)]
    with CaptureQueriesContext(connection) as queries:
        assert enrich_events([LISTED, OTHER]) == [("", None)] * 2
    assert len(queries) == 0


def test_what_was_found_is_told_by_table(admin: User) -> None:
    make_table(admin)
    make_table(admin, "places", b"network,country\n198.51.100.0/26,NG\n")
    both = {"intel": {"list": "botnet"}, "places": {"country": "NG"}}
    assert enrich_events([LISTED, UNLISTED, OTHER]) == [("done", both), ("", None), ("", None)]


def test_tables_come_and_go_while_a_process_runs(
    admin: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert enrich_events([LISTED]) == [("", None)]
    first = make_table(admin)
    assert enrich_events([LISTED]) == [("", None)]  # not noticed yet
    look_again()
    assert enrich_events([LISTED])[0][0] == "done"
    second = make_table(admin, "other")
    switch_table(first, enabled=False, by=admin)
    look_again()
    assert enrich_events([LISTED]) == [("done", {"other": {"list": "botnet"}})]
    with django_capture_on_commit_callbacks(execute=True):
        remove_table(second, by=admin)
    assert enrich_events([LISTED])[0][0] == "done"  # still open here
    look_again()
    assert enrich_events([LISTED]) == [("", None)]


def test_a_broken_table_is_seen_on_events_and_on_its_page_until_it_answers(
    admin: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    row, well = make_table(admin), make_table(admin, "well")
    file_of(row).unlink()
    with django_capture_on_commit_callbacks(execute=True):
        ((state, data),) = enrich_events([LISTED])
    assert (state, data["well"]) == ("failed", {"list": "botnet"})  # type: ignore[index]
    assert data["failed"]["intel"].startswith("Its file is not on this machine")  # type: ignore[index]
    row.refresh_from_db()
    well.refresh_from_db()
    assert (row.error, well.error) == (data["failed"]["intel"], "")  # type: ignore[index]
    file_of(row).write_bytes(CSV)
    with django_capture_on_commit_callbacks(execute=True):
        assert enrich_events([LISTED])[0][0] == "done"
    row.refresh_from_db()
    assert row.error == ""


def test_an_error_of_an_earlier_process_is_taken_back_by_the_first_answer(
    admin: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    row = make_table(admin)
    LookupTable.objects.update(error="It gave no answer in time.")
    with django_capture_on_commit_callbacks(execute=True):
        enrich_events([OTHER])
    row.refresh_from_db()
    assert row.error
    with django_capture_on_commit_callbacks(execute=True):
        enrich_events([LISTED])
    row.refresh_from_db()
    assert row.error == ""


def test_slow_tables_cannot_hold_up_a_batch(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def lookup(self, value: str) -> dict[str, Any]:
            time.sleep(0.06)
            return {"value": value}

    monkeypatch.setattr(enrichment, "opened", lambda row: Slow())
    monkeypatch.setattr(enrichment, "BATCH_TIME", 0.2)
    make_table(admin)
    start = time.monotonic()
    found = enrich_events([{"source.ip": f"192.0.2.{last}"} for last in range(200)])
    assert time.monotonic() - start < 1.5
    assert found[0][0] == "done"
    assert {state for state, _ in found[20:]} == {"failed"}


def test_a_batch_s_answers_are_its_events_in_order(admin: User) -> None:
    make_table(admin, content=b"v,n\n" + b"".join(b"192.0.2.%d,%d\n" % (n, n) for n in range(100)))
    found = enrich_events([{"source.ip": f"192.0.2.{n}"} for n in range(100)])
    assert [data["intel"]["n"] for _, data in found] == [str(n) for n in range(100)]  # type: ignore[index]


def test_flagged_events_are_stored_with_what_was_found_and_others_are_not_looked_up(admin: User) -> None:
    make_table(admin)
    make_filter(kind="rule")  # picks bob
    source = make_source(format="json")
    sent = [session(user, src_ip="198.51.100.7") for user in ("bob", "alice")]
    assert take(source, lines(sent)).above == 1
    found = dict(Event.objects.filter(source=source).values_list("entity__name", "enriched"))
    assert found == {"bob": "done", "alice": ""}
    picked = Event.objects.get(source=source, entity__name="bob")
    assert (picked.decision, picked.enrichment) == ("picked", {"intel": {"list": "botnet"}})


def test_a_failed_look_up_stores_and_detects_all_the_same(admin: User) -> None:
    file_of(make_table(admin)).unlink()
    make_filter(kind="rule")  # picks bob
    source = make_source(format="json", k=1, n=1)
    assert take(source, lines([session("bob", src_ip="198.51.100.7")])).detections == 1
    picked = Event.objects.get(source=source)
    assert (picked.enriched, list(picked.enrichment)) == ("failed", ["failed"])
