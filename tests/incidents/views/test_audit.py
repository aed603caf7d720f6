"""The page of the audit events: what was done and by whom, whether the chain is whole, and a file that tells it all."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import AuditCheck, AuditEvent, User
from incidents.services import audit, audit_page
from incidents.services.audit_check import verify
from incidents.services.audit_seal import seal
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db
SECURITY = Path(__file__).parents[3] / "docs" / "security.md"


@pytest.fixture
def admin() -> User:
    return make_user("ada", role="admin")


@pytest.fixture
def an_admin(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def shown(client: Client, **filters: object) -> str:
    return client.get(reverse("audit"), filters).content.decode()


def test_events_are_found_by_kind_person_report_and_day(an_admin: Client, admin: User) -> None:
    incident = make_incident()
    audit.record("account.role", actor=admin, subject="account 7", before="analyst", after="lead")
    audit.record("incident.skipped", incident=incident)
    page = shown(an_admin)
    assert "account 7" in page and "after: lead" in page and "incident.skipped" in page
    assert "incident.skipped" not in shown(an_admin, kind="account")
    assert "incident.skipped" not in shown(an_admin, person="ada")
    assert "account.role" not in shown(an_admin, report=incident.pk)
    assert "No event is like this" in shown(an_admin, until="2020-01-01")
    assert "account.role" in shown(an_admin, since="tomorrow"), "what is not understood narrows nothing"


def test_people_who_are_gone_are_told_by_their_number(an_admin: Client) -> None:
    person = make_user("gone")
    audit.record("account.left", actor=person)
    number = person.pk
    person.delete()
    assert f"account {number}, gone" in shown(an_admin)


def test_accounts_are_told_by_number_and_by_the_name_that_they_have_now(an_admin: Client) -> None:
    person = make_user("asha")
    audit.record("account.role", subject=audit.about(person))
    assert f"account {person.pk} (asha)" in shown(an_admin)
    User.objects.filter(pk=person.pk).update(username=f"erased-{person.pk}")
    assert "asha" not in shown(an_admin)
    person.delete()
    assert f"account {person.pk} (" not in shown(an_admin)


def test_the_page_tells_whether_the_chain_is_whole(an_admin: Client) -> None:
    assert "Nobody has looked through it yet." in shown(an_admin)
    now = AuditCheck.objects.create().created_at
    AuditCheck.objects.update(status="done", finished_at=now, sequence=5)
    assert "up to row 5." in shown(an_admin)
    AuditCheck.objects.update(findings=["Row 5 was changed."])
    assert "Row 5 was changed." in shown(an_admin)
    assert "Row 5 was changed." in an_admin.get(reverse("status")).content.decode()


def test_the_page_warns_when_no_look_has_ended_for_two_days(an_admin: Client) -> None:
    words, now = "has ended for two days", timezone.now()
    ended = AuditCheck.objects.create(status="done", finished_at=now - timedelta(hours=47))
    assert words not in shown(an_admin)
    AuditCheck.objects.filter(pk=ended.pk).update(finished_at=now - timedelta(hours=49))
    AuditCheck.objects.create()
    page = shown(an_admin)
    assert words in page and "The last look through the chain failed" in page, "it has no job any more"
    ended.delete()
    assert words not in shown(an_admin), "the first one was asked for just now"
    AuditCheck.objects.update(created_at=now - timedelta(hours=49))
    assert words in shown(an_admin) and words in an_admin.get(reverse("status")).content.decode()


def test_a_look_is_asked_for_by_button(an_admin: Client) -> None:
    assert an_admin.post(reverse("audit-check"))["Location"] == reverse("audit")
    assert AuditCheck.objects.count() == 1
    assert "It is being looked through." in shown(an_admin)


def test_only_admins_see_it(client: Client) -> None:
    client.force_login(make_user("lea", role="lead"))
    assert client.get(reverse("audit")).status_code == client.get(reverse("audit-export")).status_code == 403


def test_the_file_holds_the_whole_chain_and_the_program_of_the_documents_checks_it(
    an_admin: Client, tmp_path: Path
) -> None:
    for number in range(3):
        audit.record("test.done", subject="größe", part=number / 2, whole=2.0, nested={"b": [1, None], "a": True})
    lines = b"".join(an_admin.get(reverse("audit-export")))  # type: ignore[arg-type]
    assert lines.count(b"\n") == AuditEvent.objects.count() and b"audit.exported" in lines
    assert checked(tmp_path, lines) == f"{AuditEvent.objects.count()}:{verify().end.hex()}"
    assert checked(tmp_path, lines.replace(b"test.done", b"test.gone", 1)).startswith("row 1 ")
    assert checked(tmp_path, lines.split(b"\n", 1)[1]).startswith("row 2 ")


def checked(folder: Path, lines: bytes) -> str:
    """What the program of docs/security.md says of a file."""
    (program,) = re.findall(r"```python\n(.*?)```", SECURITY.read_text().partition("## Audit chain")[2], re.S)
    (folder / "check.py").write_text(program)
    (folder / "audit.jsonl").write_bytes(lines)
    command = [sys.executable, "check.py", "audit.jsonl"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip()


def test_a_long_chain_is_read_page_by_page_to_the_end_that_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_page, "A_READ", 2)
    for number in range(4):
        audit.record("test.done", subject=f"thing {number}")
    lines = audit_page.chain_lines(by=None)
    first = next(lines)
    audit.record("test.later")
    seal()
    told = [json.loads(line) for line in [first, *lines]]
    assert [one["sequence"] for one in told] == [1, 2, 3, 4, 5]
    assert told[-1]["kind"] == "audit.exported"


def test_what_was_exported_ends_where_the_chain_does(an_admin: Client) -> None:
    b"".join(an_admin.get(reverse("audit-export")))  # type: ignore[arg-type]
    assert seal() == 0
