"""A whole site, backed up, wiped and brought back: every row, every file, the chain, and a model that serves."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from classifier.models import ModelVersion, Prediction
from classifier.services.classify import classify_batch
from classifier.services.training import request_training
from incidents.models import AuditEvent, AuditHead, Incident, Label, PassingReason, Setting, User
from incidents.services import audit
from incidents.services.attachments import file_with_files
from incidents.services.audit_check import verify
from incidents.services.audit_seal import seal
from incidents.services.filing import FiledReport, file_incident
from tests.builders import make_user
from tests.classifier.services.conftest import decide_reports, home, run_to_end  # noqa: F401 - a fixture
from tests.e2e.site_world import make_people, make_world
from workers import jobs
from workers.backup import rows
from workers.backup.making import make_backup
from workers.backup.manifest import BackupRefused, is_ours
from workers.backup.restoring import restore
from workers.jobs import Limit
from workers.models import Job, WorkerHeartbeat

pytestmark = pytest.mark.django_db(transaction=True)
PROJECT = Path(__file__).resolve().parents[3]
FOLDERS = ("media", "lookups", "models")
CONTENT = b"what the caller wrote"
KEY = "the key of this site"


def digests() -> dict[str, str]:
    """Of every table: its rows, whatever their order."""
    return {
        name: hashlib.sha256("".join(sorted(rows.dump(model))).encode()).hexdigest()
        for name, model in rows.tables(apps).items()
    }


def files(folder: Path) -> dict[str, str]:
    found = (path for name in FOLDERS for path in (folder / name).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.fixture
def site(home: Path, settings: Settings) -> Path:  # noqa: F811
    """A person, audit events, files, and a key of its own."""
    settings.SECRET_KEY = KEY
    settings.MEDIA_ROOT = home / "media"
    (home / "secret-key").write_text(KEY)
    for name in ("media/reports/ab/cd12", "lookups/countries.csv"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"\x00\xff" + name.encode())
    audit.record("test.done", actor=make_user("asha"), part=0.5)
    return home


def fill(site: Path) -> None:
    """Rows of nearly every table, and a champion that was trained."""
    make_world(make_people())
    ModelVersion.objects.filter(stage="champion", line="classify").update(stage="archived")
    Setting.objects.create(key="gate_min_reports", value=0)
    decide_reports()
    run_to_end(request_training(base_model="none"))
    seal()


def wipe(folder: Path) -> None:
    call_command("flush", interactive=False, verbosity=0)
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "secret-key").write_text("another key")


@pytest.mark.long
def test_everything_comes_back_and_the_champion_serves(site: Path, tmp_path: Path, settings: Settings) -> None:
    fill(site)
    file = tmp_path / "site.zip"
    made = make_backup(file, with_key=True)
    before, kept = digests(), files(site)
    filled = [name for name, count in made.manifest.tables.items() if count]
    assert len(filled) > 60 and len(kept) > 4
    wipe(site)
    settings.SECRET_KEY = "another key"
    restore(file, replace=False)
    after = digests()
    assert {name for name in before if before[name] != after[name]} == set()
    assert files(site) == kept
    assert (site / "secret-key").read_text() == settings.SECRET_KEY == KEY
    found = verify()
    assert found.is_whole and found.sequence == AuditHead.objects.get().sequence > 0
    filed = file_incident(FiledReport(title="", text="A caller from the bank asked for the otp code."), source="web")
    while batch := jobs.claim("inference", worker="test", limits={"classify": Limit(batch=64)}):
        classify_batch(batch)
    said = Prediction.objects.get(incident=filed.incident)
    assert said.version == ModelVersion.objects.champion()
    assert seal() > 0 and verify().is_whole


@pytest.mark.long
def test_a_backup_of_an_earlier_version_comes_back_as_todays(tmp_path: Path, home: Path) -> None:  # noqa: F811
    file = tmp_path / "earlier.zip"
    (there := tmp_path / "there").mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.workers.backup.earlier", str(file)],
        cwd=PROJECT, env=os.environ | {"CASELOOP_HOME": str(there), "DATABASE_URL": ""}, check=True,
    )  # fmt: skip
    restore(file, replace=False)
    assert [(one.title, one.status, one.erased_at) for one in Incident.objects.order_by("pk")] == [
        ("Call 1", "decided", None),
        ("Call 2", "second_look", None),
    ]
    assert Label.objects.get().reviewer == User.objects.get(username="ann")
    assert Job.objects.get(kind="find_themes").queue == "analysis"
    # What the steps since then do to rows was done to these: no name and no reason is sealed into the chain.
    assert PassingReason.objects.get().text == "Asha is my cousin"
    told = AuditEvent.objects.order_by("pk").values_list("kind", "subject", "detail")[:2]
    number = User.objects.get(username="asha").pk
    assert list(told) == [
        ("incident.skipped", "", {}),
        ("account.role_changed", f"account {number}", {"role": "analyst"}),
    ]
    assert seal() == 0 and verify().is_whole and AuditHead.objects.get().sequence == AuditEvent.objects.count()
    file_incident(FiledReport(title="", text="A report of today."), source="web")


def test_a_backup_beside_writers_is_of_one_moment(site: Path, tmp_path: Path) -> None:
    """Reports with a file come in all the time: each is inside with all that belongs to it, or not at all."""
    done, filed = threading.Event(), list[int]()

    def write() -> None:
        while not done.is_set():
            report, file = FiledReport(title="", text=f"Call {len(filed)} from my bank."), uploaded()
            filed.append(file_with_files(report, [file], reporter=None, idempotency_key=str(uuid4())).incident.pk)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [_whole(tmp_path / f"site-{number}.zip", filed) for number in range(3)]
    finally:
        done.set()
        writer.join()
    assert found == sorted(found) and found[0] < found[-1] < len(filed)  # filing went on


def uploaded() -> "SimpleUploadedFile[bytes]":
    return SimpleUploadedFile("call.txt", CONTENT)


def _whole(file: Path, filed: list[int]) -> int:
    """Make a backup now; how many reports are in it, each with its text, its job, and its file as it was sent."""
    before = list(filed)
    manifest = make_backup(file, with_key=True).manifest
    with zipfile.ZipFile(file) as archive:

        def column(table: str, name: str) -> list[str]:
            names, *lines = (json.loads(line) for line in archive.read(f"rows/{table}.jsonl").splitlines())
            return [line[names.index(name)] for line in lines]

        reports = column("incidents.incident", "id")
        assert set(before) <= set(reports)
        assert sorted(column("incidents.textrevision", "incident_id")) == reports
        assert None not in column("incidents.incident", "current_text_id")
        jobs_of = zip(column("workers.job", "kind"), column("workers.job", "object_id"), strict=True)
        assert sorted(number for kind, number in jobs_of if kind == "classify") == reports
        assert sorted(column("incidents.attachment", "incident_id")) == reports
        for name in column("incidents.attachment", "file"):
            assert f"media/{name}" in manifest.files and archive.read(f"media/{name}") == CONTENT
    return len(reports)


def test_the_file_is_for_its_owner_alone_and_is_never_overwritten(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.zip"
    make_backup(file, with_key=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    with pytest.raises(BackupRefused, match="already"):
        make_backup(file, with_key=True)
    assert file.read_bytes() == content and list(tmp_path.glob("*.partial")) == []


@pytest.mark.long
def test_a_key_that_was_left_out_is_told(site: Path, tmp_path: Path, settings: Settings) -> None:
    made = make_backup(tmp_path / "site.zip", with_key=False)
    assert "secret-key" not in made.manifest.files and "secret key is not inside" in made.notes[0]
    wipe(site)
    settings.SECRET_KEY = "another key"
    done = restore(tmp_path / "site.zip", replace=False)
    assert "--adopt" in done.notes[0] and (site / "secret-key").read_text() == "another key"


@pytest.mark.long
def test_data_that_is_there_is_replaced_only_where_that_is_asked_for(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.zip"
    make_backup(file, with_key=True)
    make_user("later")
    (site / "media" / "later").write_text("later")
    with pytest.raises(BackupRefused, match="--replace"):
        restore(file, replace=False)
    assert User.objects.filter(username="later").exists() and (site / "media" / "later").exists()
    restore(file, replace=True)
    assert list(User.objects.values_list("username", flat=True)) == ["asha"]
    assert not (site / "media" / "later").exists() and (site / "media" / "reports" / "ab" / "cd12").exists()
    make_user("newest")  # numbers go on where they ended


def test_a_site_that_runs_is_not_touched(site: Path, tmp_path: Path) -> None:
    make_backup(tmp_path / "site.zip", with_key=True)
    WorkerHeartbeat.objects.create(name="w", queue="inference", seen_at=timezone.now())
    with pytest.raises(BackupRefused, match="running"):
        restore(tmp_path / "site.zip", replace=True)


Damage = Callable[[Path], None]


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[content.index(b"\x00\xffmedia") + 2] ^= 1
    file.write_bytes(content)


def _rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _told(members: dict[str, bytes], **more: object) -> None:
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | more).encode()


def _renamed(name: str) -> Damage:
    """A file that would be written elsewhere, announced as if it were right."""

    def change(members: dict[str, bytes]) -> None:
        members[name] = members.pop("lookups/countries.csv")
        hashes = json.loads(members["manifest.json"])["files"]
        hashes[name] = hashes.pop("lookups/countries.csv")
        _told(members, files=hashes)

    return lambda file: _rewritten(file, change)


def _newer(members: dict[str, bytes]) -> None:
    migrations = json.loads(members["manifest.json"])["migrations"]
    migrations["incidents"].append("9999_from_the_future")
    _told(members, migrations=migrations)


DAMAGES: list[tuple[Damage, str]] = [
    (_cut, "damaged or cut off"),
    (_flip, "media/reports/ab/cd12 in it is damaged"),
    (lambda file: file.write_bytes(b"no backup") and None, "no backup"),
    (lambda file: file.unlink(), "not there"),
    (lambda file: _rewritten(file, lambda m: m.update({"media/reports/ab/cd12": b"other"})), "not the file that"),
    (lambda file: _rewritten(file, lambda m: m.pop("lookups/countries.csv") and None), "lacks 'lookups"),
    (lambda file: _rewritten(file, lambda m: m.update({"media/more": b""})), "unannounced"),
    (lambda file: _rewritten(file, lambda m: m.pop("manifest.json") and None), "no manifest"),
    (lambda file: _rewritten(file, lambda m: _told(m, format="other-1")), "has the format"),
    (lambda file: _rewritten(file, _newer), "newer Caseloop"),
    (_renamed("media/../../escaped"), "belongs in no backup"),
    (_renamed("/tmp/escaped"), "belongs in no backup"),
    (_renamed("elsewhere/file"), "belongs in no backup"),
]


def test_each_damage_is_refused_by_name_and_nothing_is_touched(site: Path, tmp_path: Path) -> None:
    whole, file = tmp_path / "whole.zip", tmp_path / "site.zip"
    make_backup(whole, with_key=True)
    make_user("later")
    before, kept = digests(), files(site)
    for damage, reason in DAMAGES:
        shutil.copy(whole, file)
        damage(file)
        with pytest.raises(BackupRefused, match=reason):
            restore(file, replace=True)
        assert (digests(), files(site)) == (before, kept), reason


@pytest.mark.long
def test_rows_that_do_not_fit_together_leave_the_old_ones_in_place(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.zip"
    file_incident(FiledReport(title="", text="Something happened to my account."), source="web")
    make_backup(file, with_key=True)

    def orphan(members: dict[str, bytes]) -> None:
        told = json.loads(members["manifest.json"])
        name = "rows/incidents.textrevision.jsonl"
        members[name] = members[name].split(b"\n")[0] + b"\n"
        told["files"][name] = hashlib.sha256(members[name]).hexdigest()
        _told(members, files=told["files"], tables=told["tables"] | {"incidents.textrevision": 0})

    _rewritten(file, orphan)
    before = digests()
    with pytest.raises(Exception, match=r"(?i)foreign key|violates"):
        restore(file, replace=True)
    assert digests() == before and Incident.objects.count() == 1


@pytest.mark.parametrize("name", ["media/a\\b", "C:/x", "media", "rows/x.jsonl", "models/../x", "", "media//x"])
def test_a_member_is_called_as_one_of_ours_or_refused(name: str) -> None:
    assert not is_ours(name)


@pytest.mark.long
def test_the_commands_say_what_they_did_and_refuse_in_sentences(
    site: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("backup", str(tmp_path / "site.zip"))
    assert "whoever has this file has everything" in capfd.readouterr().out
    (folder := tmp_path / "many").mkdir()
    call_command("backup", str(folder))
    assert len(list(folder.glob("caseloop-*.zip"))) == 1
    for arguments in (["backup", str(tmp_path / "site.zip")], ["restore", str(tmp_path / "site.zip")]):
        with pytest.raises(CommandError) as error:
            call_command(*arguments)
        assert error.value.returncode == 3
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", "/nowhere/site.zip")
    monkeypatch.setattr("builtins.input", lambda _: "no")
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("restore", str(tmp_path / "site.zip"), "--replace")
    call_command("restore", str(tmp_path / "site.zip"), "--replace", "--yes")
    assert "Start the site again." in capfd.readouterr().out
