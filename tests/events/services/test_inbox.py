"""The inbox: accepted once, processed once, whatever is sent or run twice."""

import orjson
import pytest

from events.models import DeadLetter, Event, InboxBatch
from events.services.inbox import KeyReused, SourceOff, accept, process_inbox
from events.stream.formats import UnknownFormat
from tests.events.builders import make_source
from tests.events.streams import session
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
LIMITS = {"ingest": Limit(batch=4)}


def raw(*events):

    return [orjson.dumps(event) for event in events]


def work():
    batch = jobs.claim("events", worker="test", limits=LIMITS)
    assert batch is not None
    process_inbox(batch)


def test_lines_wait_with_their_job_and_become_records():
    source = make_source()
    accepted = accept(source, raw(session(), session("bob")), key="k1")
    assert accepted.created and accepted.batch.format == "json"
    assert Job.objects.get(kind="ingest").queue == "events"
    work()
    assert Event.objects.filter(source=source).count() == 2
    done = InboxBatch.objects.get()
    assert done.payload is None and done.processed_at is not None
    assert Job.objects.get(kind="ingest").status == Job.Status.DONE


def test_a_repeated_key_with_the_same_lines_is_the_same_batch_and_with_others_is_refused():
    source = make_source()
    first = accept(source, raw(session()), key="k1")
    again = accept(source, raw(session()), key="k1")
    assert (again.batch.pk, again.created) == (first.batch.pk, False)
    with pytest.raises(KeyReused):
        accept(source, raw(session("bob")), key="k1")
    assert Job.objects.filter(kind="ingest").count() == 1


def test_a_batch_that_is_processed_twice_counts_once():
    source = make_source()
    accepted = accept(source, raw(session(), session("bob")), key="k1")
    payload = accepted.batch.payload
    work()
    InboxBatch.objects.filter(pk=accepted.batch.pk).update(payload=payload, processed_at=None)
    jobs.enqueue("ingest", accepted.batch.pk, queue="events", priority=1)
    work()
    assert Event.objects.filter(source=source).count() == 2


def test_broken_lines_of_a_batch_are_kept_as_dead_letters():
    source = make_source(format="json")
    accept(source, [*raw(session()), b'{"user": "al'], key="k1")
    work()
    assert Event.objects.filter(source=source).count() == 1
    assert DeadLetter.objects.get(source=source).place == "batch k1, 1"


def test_a_source_that_is_off_and_lines_of_no_format_are_refused():
    with pytest.raises(SourceOff):
        accept(make_source(enabled=False), raw(session()), key="k1")
    with pytest.raises(UnknownFormat):
        accept(make_source(), [b"\x00\x01\x02 what is this"], key="k2")
    assert not InboxBatch.objects.exists()
