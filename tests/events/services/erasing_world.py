"""A report that has left its words everywhere, and a search of a whole database and all files for them."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from classifier.models import DriftLook, ModelVersion, Prediction
from classifier.services import explanations
from classifier.services.classify import classify_batch
from classifier.services.explaining import explain_batch
from classifier.services.promotion import promote
from classifier.services.training import request_training
from incidents.models import Category, Erasure, Incident, Theme, ThemeRun, User
from incidents.models import Path as LabelPath
from incidents.services import comments, notices, reporter_messages, reviewing, second_factor, staff
from incidents.services.attachments import attach
from incidents.services.filing import FiledReport, file_incident
from incidents.services.guide import write_guide
from incidents.services.leaving import end_access
from incidents.services.legal_holds import hold_reporter, lift
from incidents.services.observables import find_in_reports
from incidents.services.saved_views import save_view
from incidents.services.tokens import create_token
from tests.builders import PASSWORD, make_drift_look, make_promotion, make_user
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import jobs, runner
from workers.jobs import Limit

MARKER = "Qxzvkwjhq"  # kept as one word by every tokenizer here, and none of its parts is in any other text
TITLE = f"{MARKER} took my money"
TEXT = f"A caller from the bank, one {MARKER}, asked for the otp code by phone, and {MARKER}s voice took 900 rupees."
Found = dict[str, int]


def work(kind: str, queue: str, service: Any) -> None:
    while batch := jobs.claim(queue, worker="test", limits={kind: Limit(batch=64)}):
        runner.run(batch, service)


def trained(base: str, by: User) -> ModelVersion:
    """Of the reports decided by now, and put in charge where it is not by itself."""
    version = run_to_end(request_training(base_model=base, requested_by=by, options={"epochs": 1}, force=True)).version
    assert version is not None
    version.refresh_from_db()
    if not version.is_champion:
        promote(version, by=by, reason=f"it knows {MARKER}")
    return version


def at_the_door(admin: User, reporter: User) -> None:
    """Fail to sign in, sign in, get a token and lose it, be let out, sign in once more."""
    for typed in ("wrong", PASSWORD):
        Client().post(reverse("account_login"), {"login": MARKER, "password": typed})
    create_token(reporter, name=f"script of {MARKER}", scopes=["incidents:read"])
    end_access(reporter, by=admin)
    second_factor.reset(reporter, by=admin)
    Client().post(reverse("account_login"), {"login": MARKER, "password": PASSWORD})
    create_token(reporter, name=f"another of {MARKER}", scopes=["incidents:read"])
    staff.settle_role(reporter, before="analyst", by=admin)
    lift(hold_reporter(reporter, reason=f"{MARKER} sues", by=admin), by=admin)


def filed(reporter: User) -> Incident:
    report = FiledReport(title=TITLE, text=TEXT, contact=f"call {MARKER}@example.org")
    incident = file_incident(report, source="web", reporter=reporter, idempotency_key=MARKER).incident
    files = [SimpleUploadedFile(f"{MARKER} letter.txt", f"Dear {MARKER}, pay.".encode())]
    attach(incident, files, by=reporter, from_reporter=True)  # type: ignore[arg-type]
    reporter_messages.add_facts(incident, facts=f"{MARKER} called again from evil-{MARKER}.com", by=reporter)
    return incident


def reviewed(incident: Incident, analyst: User) -> None:
    """Skipped once with a reason, then decided, commented, and on the training side."""
    comments.add_comment(incident, author=analyst, text=f"I know this {MARKER}", to_reporter=True)
    reviewing.claim(incident, analyst)
    reviewing.skip(incident, reviewer=analyst, reason=f"Ask somebody who knows {MARKER}")
    incident.refresh_from_db()
    reviewing.claim(incident, analyst)
    path = LabelPath.objects.get(key="Fraud / Vishing")
    reviewing.decide(incident, reviewer=analyst, verdict="correct", paths=[path], reason=f"{MARKER} is known for it")
    Incident.objects.filter(pk=incident.pk).update(split="train", document=f"{MARKER}.pdf")


def quoted(analyst: User, champion: ModelVersion) -> None:
    """What other rows repeat of it."""
    save_view(analyst, name=f"All of {MARKER}", query=f"status=all&q={MARKER}", shared=False)
    category = Category.objects.get(name="Fraud")
    write_guide(category, guide=f"As {MARKER} does", examples=[f"{MARKER} called", "a voice on the phone"], by=analyst)
    look: DriftLook = make_drift_look(make_promotion(champion, action="promote"))
    DriftLook.objects.filter(pk=look.pk).update(words=[{"word": MARKER.lower(), "share": 0.5, "before": 0.0}])
    Theme.objects.create(run=ThemeRun.objects.create(status="done"), name=f"bank, {MARKER.lower()}")


def left_everywhere() -> tuple[Incident, User]:
    """A report and its reporter, with their words in every place that a real one leaves them in."""
    admin, analyst = make_user("ada", role="admin"), make_user("ann", role="analyst")
    reporter = make_user(MARKER, email=f"{MARKER}@example.org", first_name=MARKER, last_name="Doe")
    EmailAddress.objects.create(user=reporter, email=reporter.email, primary=True)
    at_the_door(admin, reporter)
    content = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=admin, content_type=content, object_id=str(reporter.pk), object_repr=MARKER, action_flag=CHANGE
    )
    decide_reports()
    trained("none", admin)
    incident = filed(reporter)
    work("classify", "inference", classify_batch)
    work("find_observables", "desk", find_in_reports)
    incident.refresh_from_db()
    explanations.ask(Prediction.objects.filter(incident=incident).latest("pk"), priority=0)
    work("explain", "inference", explain_batch)
    reviewed(incident, analyst)
    notices.tell([reporter], "decided", incident=incident)
    trained("none", admin)
    quoted(analyst, trained("small-scratch", admin))
    incident.refresh_from_db()
    return incident, reporter


def erase_job(erasure: Erasure) -> jobs.Batch:
    batch = jobs.claim("desk", worker="test", limits={"erase": Limit()})
    assert batch is not None and batch.object_ids == [erasure.pk]
    return batch


def search(home: Path, word: str) -> Found:
    """Where a word stands in a dump of the database and in all files, by place: in any case, in UTF-8 or UTF-16."""
    forms = [word.encode("utf-8"), word.encode("utf-16-le"), word.encode("utf-16-be")]
    pattern = re.compile(b"|".join(map(re.escape, forms)), re.IGNORECASE)
    contents = {**dict(_database()), **{str(path.relative_to(home)): path.read_bytes() for path in _files(home)}}
    found = {name: len(pattern.findall(content)) + (word.lower() in name.lower()) for name, content in contents.items()}
    return {name: count for name, count in found.items() if count}


def _files(home: Path) -> Iterator[Path]:
    return (path for path in home.rglob("*") if path.is_file())


def _database() -> Iterator[tuple[str, bytes]]:
    """PostgreSQL by `pg_dump`, table by table; SQLite by a dump of each table and by all bytes of its files."""
    if connection.vendor == "postgresql":
        yield from _tables(_pg_dump(), r"^COPY (?:public\.)?(\w+) ")
        return
    connection.ensure_connection()
    yield from _tables("\n".join(connection.connection.iterdump()), r'^(?:INSERT INTO) "(\w+)"')
    name = str(connection.settings_dict["NAME"])
    for ending in ("", "-wal", "-shm", "-journal"):
        if (file := Path(name + ending)).exists():
            yield f"file{ending}", file.read_bytes()


def _pg_dump() -> str:
    wanted = connection.settings_dict
    command = ["pg_dump", "-h", wanted["HOST"], "-p", str(wanted["PORT"] or 5432), "-U", wanted["USER"], wanted["NAME"]]
    environment = {**os.environ, "PGPASSWORD": wanted["PASSWORD"] or ""}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def _tables(dump: str, begins: str) -> Iterator[tuple[str, bytes]]:
    parts: dict[str, list[str]] = {}
    table = "schema"
    for line in dump.splitlines():
        if start := re.match(begins, line):
            table = start[1]
        parts.setdefault(table, []).append(line)
    yield from ((f"table {name}", "\n".join(lines).encode()) for name, lines in parts.items())
