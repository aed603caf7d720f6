"""Imports as jobs: what comes of them, after a kill, too; and that no upload outlives its run."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from incidents.models import AuditEvent, Category, ImportBatch, Incident
from incidents.models import Path as LabelRow
from incidents.services import filing_many, import_runs, importing
from incidents.services.import_runs import ImportWish
from incidents.services.importing import import_file
from incidents.services.settings import set_policy
from tests.builders import make_path, make_user
from tests.incidents.desk import work_off
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
HEADER = "text,category,sub_category\n"
CREATE = ImportWish(create_labels=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def admin():
    return make_user(role="admin")


def upload(content, name="reports.csv"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def started(admin, rows, wish=CREATE):
    return import_runs.start(upload(HEADER + rows), wish, by=admin, origin=ImportBatch.Origin.PAGE)


def counts(run, *names):
    run.refresh_from_db()
    return tuple(run.figures[name] for name in names or ("rows", "taken", "merged", "refused", "unchanged"))


def files(media):
    return [one for one in media.rglob("*") if one.is_file()]


def again_now():
    """As the sweeper does for a worker that was killed."""
    Job.objects.filter(status="running").update(lease_until=timezone.now() - timedelta(seconds=1))
    Job.objects.requeue_expired()
    Job.objects.filter(status="queued").update(run_after=None)


def test_a_file_is_taken_in_and_its_figures_are_kept_and_the_upload_is_not(admin, media):
    run = started(admin, "one,Fraud,UPI\none,Fraud,Cards\ntwo,,\n,Fraud,UPI\n")
    assert (run.status, run.name, run.by) == ("queued", "reports.csv", admin)
    assert len(files(media)) == 1
    work_off()
    assert counts(run) == (4, 2, 1, 1, 0)
    assert counts(run, "decided", "undecided", "conflicts") == (1, 1, 0)
    assert run.figures["labels_created"] == {"categories": 1, "sub_categories": 2, "paths": 2}
    assert (run.status, run.file.name, run.trouble) == ("done", "", "")
    assert run.finished_at
    assert [one.name for one in files(media)] == [Path(run.refused_file.name).name]
    assert run.refused_file.read().decode().splitlines()[1].startswith("5,")
    assert set(run.incidents.values_list("source", flat=True)) == {"import"}


def test_who_did_it_is_audited_and_texts_are_not(admin):
    started(admin, "my secret,Fraud,UPI\n")
    work_off()
    events = AuditEvent.objects.filter(actor=admin)
    assert {event.kind for event in events} == {"import.started", "taxonomy.extended", "incidents.imported"}
    assert "secret" not in str([(event.subject, event.detail) for event in events])


def test_the_same_file_twice_changes_nothing(admin):
    started(admin, "one,Fraud,UPI\ntwo,,\n")
    work_off()
    second = started(admin, "one,Fraud,Cards\ntwo,,\n")
    work_off()
    assert counts(second, "taken", "unchanged", "conflicts") == (0, 2, 1)
    assert second.incidents.count() == 0


class Killed(BaseException):
    """What a process that is gone does not even raise."""


def kill_at_the_second_chunk(monkeypatch):
    really, calls = filing_many._insert_incidents, []

    def insert(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        really(*arguments)

    monkeypatch.setattr(importing, "CHUNK", 2)
    monkeypatch.setattr(filing_many, "_insert_incidents", insert)


def test_a_run_that_was_killed_goes_on_and_its_figures_are_those_of_a_whole_one(admin, media, monkeypatch):
    make_path("Old", "One")
    import_file_of_before(media, "there before,Old,One\n")
    kill_at_the_second_chunk(monkeypatch)
    rows = "one,Fraud,UPI\none,Fraud,Cards\ntwo,,\nthere before,Old,One\nthree,Attack,\nfour,,\n,Fraud,UPI\n"
    run = started(admin, rows)
    batch = jobs.claim("desk", worker="killed", limits={import_runs.IMPORT: jobs.Limit()})
    assert batch
    with pytest.raises(Killed):
        import_runs.carry_out(batch)
    run.refresh_from_db()
    assert (run.status, run.incidents.count(), bool(run.file)) == ("running", 2, True)
    again_now()
    work_off()
    assert counts(run) == (7, 4, 1, 1, 1)
    assert counts(run, "decided", "undecided") == (2, 2)
    assert run.figures["labels_created"] == {"categories": 2, "sub_categories": 2, "paths": 3}
    assert run.incidents.count() == 4
    assert AuditEvent.objects.filter(kind="incidents.imported", detail__taken=4).count() == 1
    assert not default_storage.exists(run.file.name or "none")


def import_file_of_before(media, rows):
    media.mkdir(exist_ok=True)
    path = media.parent / "before.csv"
    path.write_text(HEADER + rows)
    import_file(path)


def test_what_people_decided_while_it_was_dead_counts_as_the_file_had_it(admin, monkeypatch):
    kill_at_the_second_chunk(monkeypatch)
    run = started(admin, "one,,\ntwo,,\nthree,,\n")
    batch = jobs.claim("desk", worker="killed", limits={import_runs.IMPORT: jobs.Limit()})
    with pytest.raises(Killed):
        import_runs.carry_out(batch)
    Incident.objects.filter(current_text__text="one").update(status="rejected")
    again_now()
    work_off()
    assert counts(run, "taken", "decided", "undecided", "unchanged") == (3, 0, 3, 0)


def test_an_upload_that_a_kill_left_behind_is_deleted_by_the_sweeper(admin, media, monkeypatch):
    run = started(admin, "one,,\n")
    with monkeypatch.context() as patch:
        patch.setattr(import_runs, "_forget_file", lambda run: None)
        work_off()
    run.refresh_from_db()
    assert run.status == "done" and len(files(media)) == 1
    import_runs.settle_imports()
    run.refresh_from_db()
    assert not run.file and files(media) == []


def test_a_job_that_fails_for_good_ends_the_run_and_the_upload(admin, media):
    run = started(admin, "one,,\n")
    Job.objects.filter(object_id=run.pk, kind=import_runs.IMPORT).update(status="failed", error="ValueError in x.py")
    import_runs.settle_imports()
    run.refresh_from_db()
    assert (run.status, run.trouble, bool(run.file)) == ("failed", "ValueError in x.py", False)
    assert files(media) == []
    assert jobs.retry(import_runs.job_of(run))
    work_off()
    run.refresh_from_db()
    assert (run.status, import_runs.job_of(run).status) == ("failed", "done")


def test_labels_that_read_alike_fail_the_run_in_the_language_of_whoever_asked_and_add_nothing(admin, media):
    with translation.override("de"):
        run = started(admin, "one,a or b,X\ntwo,b or a,X\n", ImportWish(True, "", ["a or b"]))
    work_off()
    run.refresh_from_db()
    assert (run.status, run.figures, files(media)) == ("failed", {}, [])
    assert run.trouble.startswith("reports.csv: ") and "a or b / X" in run.trouble and "two paths" not in run.trouble
    assert not Incident.objects.exists() and not LabelRow.objects.exists() and not Category.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b" \n \n", "empty"),
        ("text,category\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04....", "spreadsheet"),
        (b"name,city\nann,here\n", "none of its 2 columns is the text"),
        (b"text,sub_category\none,UPI\n", "none named category"),
        (b"text,text\none,two\n", "stands twice"),
    ],
)
def test_a_file_that_shows_by_its_beginning_that_it_cannot_be_imported_is_not_kept(admin, media, content, words):
    with pytest.raises(ValidationError, match=words):
        import_runs.start(upload(content), CREATE, by=admin, origin=ImportBatch.Origin.PAGE)
    assert not ImportBatch.objects.exists() and not Job.objects.exists() and files(media) == []


def test_a_group_column_that_is_not_there_is_refused_at_once(admin):
    with pytest.raises(ValidationError, match="there is no column “paper”"):
        started(admin, "one,,\n", ImportWish(group_column="paper"))


def test_a_file_beyond_the_limit_is_refused_and_the_limit_is_named(admin, media):
    set_policy("largest_import_mb", 1, by=admin)
    with pytest.raises(ValidationError, match="larger than 1 MB"):
        started(admin, "x" * 1_100_000)
    assert files(media) == []


def test_rows_that_are_not_utf8_are_refused_by_line(admin):
    file = upload(b"text\nGr\xfc\xdfe\nfine\n")
    run = import_runs.start(file, CREATE, by=admin, origin=ImportBatch.Origin.PAGE)
    work_off()
    assert counts(run, "taken", "refused") == (1, 1)
    assert "byte 0xFC in its text is not UTF-8" in run.figures["refusals"][0]["reason"]


def test_a_file_whose_middle_is_no_table_fails_in_words(admin, media):
    run = started(admin, "one,,\n" + "x" * 1_000_001)
    work_off()
    run.refresh_from_db()
    assert (run.status, "line 3 has 1,000,000 characters" in run.trouble) == ("failed", True)
    assert not Incident.objects.exists() and files(media) == []


def test_a_worker_that_does_not_see_the_upload_says_what_it_lacks(admin, media):
    run = started(admin, "one,,\n")
    for one in files(media):
        one.unlink()
    work_off()
    run.refresh_from_db()
    assert (run.status, "the folder media" in run.trouble) == ("failed", True)


def test_a_run_is_stopped_before_it_begins_or_at_its_next_reports(admin, media, monkeypatch):
    waiting = started(admin, "one,,\n")
    assert import_runs.cancel(waiting, by=admin)
    waiting.refresh_from_db()
    assert (waiting.status, files(media)) == ("cancelled", [])
    assert not import_runs.cancel(waiting, by=admin)

    monkeypatch.setattr(importing, "CHUNK", 1)
    monkeypatch.setattr("workers.batch.BEAT_SECONDS", 0)
    run, really = started(admin, "two,,\nthree,,\nfour,,\n"), importing._file_chunk

    def file_chunk(*arguments):
        really(*arguments)
        assert import_runs.cancel(run, by=admin)

    monkeypatch.setattr(importing, "_file_chunk", file_chunk)
    work_off()
    run.refresh_from_db()
    assert (run.status, run.incidents.count(), files(media)) == ("cancelled", 1, [])
    assert AuditEvent.objects.filter(kind="import.cancelled", actor=admin).count() == 2


def test_an_import_of_the_command_line_is_told_like_the_others(media):
    make_path("Old", "One")
    import_file_of_before(media, "one,Old,One\ntwo,Lacking,\n")
    row = ImportBatch.objects.get()
    assert (row.status, row.origin, row.by) == ("done", "command", None)
    assert counts(row) == (2, 1, 0, 1, 0)
    assert row.finished_at
