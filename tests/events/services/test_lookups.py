"""Look-up tables as an admin keeps them."""

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from events.models import LookupTable
from events.services import lookups
from events.services.lookups import Added, add_table, file_of, opened, remove_table, switch_table
from events.stream.lookup_csv import index_of
from events.stream.lookup_tables import BadTable
from incidents.models import AuditEvent, User
from tests.builders import make_user
from tests.events.stream.mmdb import mmdb

pytestmark = pytest.mark.django_db
CSV = b"address,list\n198.51.100.0/24,botnet\n198.51.100.0/24,spam\n"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.CASELOOP_HOME = tmp_path
    return tmp_path / "lookups"


@pytest.fixture
def admin() -> User:
    return make_user(role="admin")


def added(by: User, content: bytes = CSV, name: str = "intel", field: str = "source.ip") -> Added:
    return add_table(name=name, kind="threat_intel", field=field, file=ContentFile(content, "../../evil.csv"), by=by)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_table_is_stored_under_a_name_of_our_own_for_nobody_else_to_read(admin: User, folder: Path) -> None:
    row = added(admin).row
    path, index = files(folder)
    assert (path, index) == (file_of(row), index_of(path))
    assert path.read_bytes() == CSV
    assert {stat.S_IMODE(one.stat().st_mode) for one in (path, index)} == {0o600}
    assert len(path.name) == 32
    assert (row.sha256, row.rows, row.format) == (hashlib.sha256(CSV).hexdigest(), 2, "csv")
    assert (row.enabled, row.added_by, row.error) == (True, admin, "")


def test_what_was_added_is_told_with_its_repeated_rows(admin: User) -> None:
    words = str(added(admin))
    assert "intel is in use with 2 rows" in words
    assert "Later rows of the same value replace 1 of them" in words


def test_an_mmdb_is_told_from_its_content(admin: User) -> None:
    row = added(admin, mmdb({"192.0.2.0/24": {"country": "NG"}})).row
    assert (row.format, row.rows) == ("mmdb", None)
    assert opened(row).lookup("192.0.2.1") == {"country": "NG"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "between 1 and"),
        (b"value\n", "a header and no rows"),
        (b"\xff\xfe\x00", "no UTF-8"),
        (mmdb({"192.0.2.0/24": {}})[100:], "no MMDB database"),
    ],
)
def test_what_is_no_table_leaves_nothing_behind(admin: User, folder: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        added(admin, content)
    assert reason in refused.value.message_dict["file"][0]
    assert (files(folder), LookupTable.objects.count(), AuditEvent.objects.count()) == ([], 0, 0)


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"value\n" * 10

    monkeypatch.setattr(lookups, "MOST_BYTES", 1000)
    monkeypatch.setattr(ContentFile, "chunks", lambda self: endless())
    with pytest.raises(ValidationError, match="between 1 and 1,000 bytes"):
        added(admin)
    assert files(folder) == []


def test_a_name_that_is_taken_leaves_nothing_behind(admin: User, folder: Path) -> None:
    added(admin)
    with pytest.raises(ValidationError) as refused:
        added(admin)
    assert "name" in refused.value.message_dict
    assert len(files(folder)) == 2


def test_of_two_uploads_of_one_name_at_a_time_one_is_told_so(
    admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(admin)
    monkeypatch.setattr(LookupTable, "full_clean", lambda self, exclude: None)  # as before the other one was saved
    with pytest.raises(ValidationError, match="There is a table of this name"):
        added(admin)
    assert (len(files(folder)), LookupTable.objects.count()) == (2, 1)


def test_a_disk_that_is_full_is_left_as_it_was(admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lookups.os, "fsync", full)
    with pytest.raises(ValidationError, match="could not be stored"):
        added(admin)
    assert (files(folder), LookupTable.objects.count()) == ([], 0)


def test_whatever_goes_wrong_leaves_nothing_behind(admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "sha256_of", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        added(admin)
    assert files(folder) == []


def test_switching_and_removing_are_audited(
    admin: User, folder: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    row = added(admin).row
    LookupTable.objects.update(error="It gave no answer in time.")
    switch_table(row, enabled=False, by=admin)
    row.refresh_from_db()
    assert (row.enabled, row.error) == (False, "")
    with django_capture_on_commit_callbacks(execute=True):
        remove_table(row, by=admin)
        assert len(files(folder)) == 2
    assert (files(folder), LookupTable.objects.count()) == ([], 0)
    kinds = AuditEvent.objects.order_by("pk").values_list("kind", "actor", "subject")
    assert list(kinds) == [
        ("lookup.added", admin.pk, "intel"), ("lookup.switched", admin.pk, "intel"),
        ("lookup.removed", admin.pk, "intel"),
    ]  # fmt: skip


def test_a_file_that_is_not_here_says_what_to_do(admin: User) -> None:
    row = added(admin).row
    file_of(row).unlink()
    with pytest.raises(BadTable, match="share the folder lookups"):
        opened(row)
