"""The disk runs full under a training, an upload, the database: told in words, nothing by halves, and it goes on."""

import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from classifier.models import ModelVersion, TrainingRun
from classifier.services.training import request_training
from classifier.wording import NO_DISK
from incidents.models import Attachment, Incident
from tests.chaos.conftest import Plant
from tests.chaos.installation import serving
from tests.chaos.small_disk import small_disk
from tests.classifier.services.conftest import decide_reports
from tests.workers.conftest import wait_for

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

Status = TrainingRun.Status


def over(run: TrainingRun) -> bool:
    run.refresh_from_db()
    return run.status in {Status.SUCCEEDED, Status.FAILED}


@pytest.mark.long
def test_a_training_without_room_for_its_model_fails_with_advice_and_the_next_one_succeeds(plant: Plant) -> None:
    decide_reports()
    with small_disk(plant.home / "models", 16) as disk:
        plant.worker("training")
        run = request_training(base_model="none")
        wait_for(lambda: over(run), 120, sweeping=True)
        assert (run.status, run.error) == (Status.FAILED, NO_DISK)
        assert not ModelVersion.objects.exists() and not list(disk.folder.iterdir())
        disk.resize(65536)
        run = request_training(base_model="none")
        wait_for(lambda: over(run), 120, sweeping=True)
        assert (run.status, run.error) == (Status.SUCCEEDED, "")


def test_an_upload_without_room_files_nothing_says_so_and_goes_through_later(caseloop_home: Path) -> None:
    with small_disk(caseloop_home / "media", 256) as disk, serving(caseloop_home) as browser:
        form = browser.filing_form() | {"title": "A log", "text": "What the server wrote that night."}
        log = b"a line of the log\n" * 60_000
        refused = browser.upload("/file/", form, "server.txt", log)
        assert refused.status == 503
        assert "The disk is full" in refused.body and "What the server wrote that night." in refused.body
        assert not Incident.objects.exists() and not [one for one in disk.folder.rglob("*") if one.is_file()]
        disk.resize(8192)
        assert browser.upload("/file/", form, "server.txt", log).status == 302
    assert Attachment.objects.get().size == len(log)


def test_a_database_without_room_keeps_what_it_accepted_refuses_the_rest_and_goes_on(caseloop_home: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a server's disk is the server's: its error is told alike, see tests/config/test_outages.py")
    place = caseloop_home / "disk"
    with small_disk(place, 65536) as disk:
        file = place / "caseloop.sqlite3"
        with sqlite3.connect(connection.settings_dict["NAME"]) as source:
            source.execute("VACUUM INTO ?", [str(file)])
        with serving(caseloop_home, database=f"sqlite:///{file}") as browser:
            used = sum(one.stat().st_size for one in place.iterdir())
            disk.resize(used // 1024 + 400)
            form = browser.filing_form() | {"title": "A long one", "text": "word " * 3000}
            accepted, answer = 0, browser.send("/file/", form)
            while answer.status == 302 and accepted < 200:
                accepted += 1
                answer = browser.send("/file/", form | browser.filing_form())
            assert answer.status == 503 and "The disk is full" in answer.body
            assert browser.get("/healthz").status == 200
            assert rows_of(file) == (accepted, accepted)
            disk.resize(65536)
            assert browser.send("/file/", form | browser.filing_form()).status == 302
            assert rows_of(file) == (accepted + 1, accepted + 1)


def rows_of(file: Path) -> tuple[int, int]:
    """Reports, and the jobs that classify them."""
    with sqlite3.connect(file) as database:
        (reports,) = database.execute("SELECT count(*) FROM incidents_incident").fetchone()
        (jobs,) = database.execute("SELECT count(*) FROM workers_job WHERE kind = 'classify'").fetchone()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return reports, jobs
