"""Fetching: files are read on where they stopped, Redis entries are acknowledged after the commit."""

import json

import pytest

from events.models import Event, EventSource, SourceFile
from events.services.polling import poll_source, request_polls, watched_folder
from tests.events.builders import make_source
from tests.events.streams import session
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
Kind = EventSource.Kind


def poll():
    request_polls()
    batch = jobs.claim("events", worker="test", limits={"poll": Limit()})
    assert batch is not None
    poll_source(batch)


def lines_of(*events):
    return "".join(json.dumps(event) + "\n" for event in events)


@pytest.fixture
def folder(caseloop_home):
    source = make_source("watched", kind=Kind.FOLDER)
    path = watched_folder(source)
    path.mkdir(parents=True)
    return source, path


def test_a_file_is_read_once_and_then_only_what_is_added(folder):
    source, path = folder
    file = path / "a.jsonl"
    file.write_text(lines_of(session(), session("bob")) + '{"user": "car')
    poll()
    assert Event.objects.filter(source=source).count() == 2
    poll()
    assert Event.objects.filter(source=source).count() == 2
    with file.open("a") as stream:
        stream.write('ol", "failed": 1}\n')
    poll()
    assert Event.objects.filter(source=source).count() == 3
    assert SourceFile.objects.get(source=source).position == file.stat().st_size


def test_a_rotated_file_begins_anew_and_equal_lines_in_it_are_new_events(folder):
    source, path = folder
    (path / "a.jsonl").write_text(lines_of(session(), session("bob"), session("carol")))
    poll()
    (path / "a.jsonl").write_text(lines_of(session()))
    poll()
    assert Event.objects.filter(source=source).count() == 4
    assert SourceFile.objects.get(source=source).generation == 2


def test_a_csv_file_goes_on_with_its_header(folder):
    source, path = folder
    (path / "a.csv").write_text("user,failed,message\nalice,1,User opened report 7\n")
    poll()
    with (path / "a.csv").open("a") as stream:
        stream.write("bob,2,User opened report 8\n")
    poll()
    assert [event.fields["failed"] for event in Event.objects.filter(source=source).order_by("pk")] == [1, 2]


def test_hidden_half_written_and_linked_files_are_passed_over(folder, tmp_path):
    source, path = folder
    (tmp_path / "elsewhere").write_text(lines_of(session()))
    (path / "link.jsonl").symlink_to(tmp_path / "elsewhere")
    for name in (".hidden", "a.tmp", "b.gz"):
        (path / name).write_text(lines_of(session()))
    poll()
    assert not Event.objects.filter(source=source).exists()


def test_what_cannot_be_read_is_said_on_the_source_and_no_longer_once_it_can(folder):
    source, path = folder
    (path / "a.bin").write_bytes(b"\x00\x01\x02\n\x03\x04\n")
    poll()
    source.refresh_from_db()
    assert source.error
    (path / "a.bin").unlink()
    poll()
    source.refresh_from_db()
    assert not source.error and source.polled_at


def test_a_poll_is_not_asked_for_twice():
    make_source(kind=Kind.REDIS, address="events")
    make_source()
    request_polls()
    request_polls()
    assert Job.objects.filter(kind="poll").count() == 1


@pytest.fixture
def stream(redis_server, settings):
    settings.EVENTS_REDIS_URL = f"unix://{redis_server.socket}"
    return make_source("from-redis", kind=Kind.REDIS, address="events", format="json"), redis_server.client


def test_entries_become_records_and_are_acknowledged(stream):
    source, client = stream
    for number in range(600):
        client.xadd("events", {"event": json.dumps(session(failed=number))})
    poll()
    assert Event.objects.filter(source=source).count() == 600
    assert client.xpending("events", "caseloop")["pending"] == 0


def test_entries_that_a_crash_left_pending_come_again_and_count_once(stream):
    source, client = stream
    client.xadd("events", {"event": json.dumps(session())})
    poll()
    client.xgroup_setid("events", "caseloop", "0")  # as if nothing had been acknowledged
    client.xadd("events", {"event": json.dumps(session("bob"))})
    poll()
    assert Event.objects.filter(source=source).count() == 2


def test_an_entry_of_other_fields_is_one_event_of_them(stream):
    source, client = stream
    client.xadd("events", {"user": "alice", "message": "disk full"})
    poll()
    assert Event.objects.get(source=source).fields["message"] == "disk full"


def test_a_redis_that_is_away_is_said_on_the_source(settings, tmp_path):
    settings.EVENTS_REDIS_URL = f"unix://{tmp_path}/nothing.sock"
    source = make_source(kind=Kind.REDIS, address="events")
    poll()
    source.refresh_from_db()
    assert "Redis" in source.error and "running" in source.error


def test_a_kafka_source_without_its_package_says_what_to_install(settings):
    source = make_source(kind=Kind.KAFKA, address="events")
    poll()
    source.refresh_from_db()
    assert "requirements/kafka.txt" in source.error


def test_a_file_that_rotation_renamed_is_read_on_and_not_again(folder):
    source, path = folder
    (path / "auth.log").write_text(lines_of(session(), session("bob")))
    poll()
    (path / "auth.log").rename(path / "auth.log.1")
    (path / "auth.log").write_text(lines_of(session("carol")))
    with (path / "auth.log.1").open("a") as stream:
        stream.write(lines_of(session("dave")))
    poll()
    poll()
    assert Event.objects.filter(source=source).count() == 4


def test_a_file_of_no_format_stops_nothing_that_comes_after_it(folder):
    source, path = folder
    (path / "a.bin").write_bytes(b"\x00\x01\x02\n\x03\x04\n")
    (path / "b.jsonl").write_text(lines_of(session()))
    poll()
    assert Event.objects.filter(source=source).count() == 1
    assert source.dead_letters.count() == 2


def test_an_entry_of_no_format_stops_nothing_that_comes_after_it(stream):
    source, client = stream
    EventSource.objects.update(format="auto")
    client.xadd("events", {"event": b"\x00\x01"})
    poll()
    client.xadd("events", {"event": json.dumps(session())})
    poll()
    assert Event.objects.filter(source=source).count() == 1
    assert source.dead_letters.count() == 1


def test_a_file_that_cannot_be_opened_keeps_no_other_waiting(folder):
    source, path = folder
    (path / "a.jsonl").symlink_to(path / "loop")
    (path / "b.jsonl").write_text(lines_of(session()))
    poll()
    assert Event.objects.filter(source=source).count() == 1
