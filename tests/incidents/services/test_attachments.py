"""Files of reports: kept whole or not at all."""

import errno
import hashlib
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from incidents.models import Attachment, Incident, Notice, Watch
from incidents.services import attachments, snoozing
from incidents.services.attachments import MOST, attach, file_with_files
from incidents.services.filing import FiledReport
from incidents.services.settings import set_policy
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def text(name: str = "a.txt", content: bytes = b"words") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def stored(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_a_file_lies_under_a_name_that_tells_nothing(media: Path) -> None:
    (kept,) = attach(make_incident(), [text("../who stole.txt")], by=None, from_reporter=True)
    (path,) = stored(media)
    assert "stole" not in str(path) and path.read_bytes() == b"words" and not path.suffix
    assert (kept.name, kept.content_type, kept.size) == ("who stole.txt", "text/plain", 5)
    assert kept.sha256 == hashlib.sha256(b"words").hexdigest()


def test_all_are_kept_or_none(media: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        attach(make_incident(), [text(), text("b.exe"), text("c.txt", b"")], by=None, from_reporter=True)
    assert len(refused.value.messages) == 2
    assert not Attachment.objects.exists() and not stored(media)


def test_a_disk_that_fails_half_way_leaves_nothing_behind(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(attachments.audit, "record", full)
    with pytest.raises(OSError, match="disk full"):
        attach(make_incident(), [text(), text("b.txt")], by=None, from_reporter=True)
    assert not Attachment.objects.exists() and not stored(media)


def test_a_report_whose_files_find_no_room_is_not_filed_and_its_key_stays_free(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = FiledReport(title="A call", text="They asked for the code.")

    def cut_short(name: str, content: object) -> str:
        (media / "attachments").mkdir(parents=True, exist_ok=True)
        (media / name).write_bytes(b"hal")
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as full:
        full.setattr(attachments.default_storage, "save", cut_short)
        with pytest.raises(OSError, match="no space"):
            file_with_files(report, [text()], reporter=None, idempotency_key="a key")
    assert not Incident.objects.exists() and not stored(media)
    filed = file_with_files(report, [text()], reporter=None, idempotency_key="a key")
    assert filed.created and filed.incident.attachments.count() == 1
    again = file_with_files(report, [text()], reporter=None, idempotency_key="a key")
    assert not again.created and again.incident.attachments.count() == 1


def test_too_large_and_too_many_are_refused(media: Path) -> None:
    set_policy("largest_attachment_mb", 1, by=make_user(role="admin"))
    incident = make_incident()
    with pytest.raises(ValidationError, match="larger than 1 MB"):
        attach(incident, [text(content=b"x" * (1024 * 1024 + 1))], by=None, from_reporter=True)
    attach(incident, [text(f"{n}.txt") for n in range(MOST - 1)], by=None, from_reporter=True)
    with pytest.raises(ValidationError, match="10 files at most"):
        attach(incident, [text("x.txt"), text("y.txt")], by=None, from_reporter=True)
    assert incident.attachments.count() == len(stored(media)) == MOST - 1


@pytest.mark.parametrize("from_reporter", [True, False])
def test_a_file_of_the_reporter_is_an_answer(from_reporter: bool) -> None:
    asha, watching = make_user(role="analyst"), make_user(role="analyst")
    incident = make_incident()
    Watch.objects.create(incident=incident, user=watching)
    snoozing.snooze(incident, by=asha, until=None, for_answer=True)
    attach(incident, [text()], by=None, from_reporter=from_reporter)
    incident.refresh_from_db()
    told = set(Notice.objects.values_list("user", "kind"))
    assert (incident.status == Incident.Status.NEW) == from_reporter
    assert told == ({(asha.pk, "returned"), (watching.pk, "reporter")} if from_reporter else set())
