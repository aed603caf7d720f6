"""The champion's files are harmed: workers refuse them, reports wait, pages say why, and it goes on later."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from classifier.ml.artifact import MANIFEST
from classifier.models import ModelVersion, Prediction
from classifier.services.training import request_training
from incidents.services.filing import FiledReport, file_incident
from tests.builders import make_user
from tests.chaos.conftest import Plant
from tests.classifier.services.conftest import decide_reports, run_to_end
from tests.workers.conftest import wait_for
from workers.models import Job

pytestmark = pytest.mark.chaos

REFUSED = "are not those its manifest lists; restore the version from a backup"


def weights(folder: Path) -> Path:
    """The largest file: what the model has learned."""
    return max((one for one in folder.rglob("*") if one.is_file()), key=lambda one: one.stat().st_size)


def change_a_byte(folder: Path) -> None:
    content = bytearray(weights(folder).read_bytes())
    content[len(content) // 2] ^= 1
    weights(folder).write_bytes(content)


def cut_in_half(folder: Path) -> None:
    weights(folder).write_bytes(weights(folder).read_bytes()[: weights(folder).stat().st_size // 2])


def put_a_folder_in_its_place(folder: Path) -> None:
    place = weights(folder)
    place.unlink()
    place.mkdir()


def add_a_file(folder: Path) -> None:
    (folder / "extra.json").write_text("{}")


def change_the_manifest(folder: Path) -> None:
    told = json.loads((folder / MANIFEST).read_text())
    name = weights(folder).relative_to(folder).as_posix()
    told["files"][name] = "0" * 64
    (folder / MANIFEST).write_text(json.dumps(told))


HARMS: list[Callable[[Path], None]] = [
    change_a_byte, cut_in_half, put_a_folder_in_its_place, add_a_file, change_the_manifest,
]  # fmt: skip


def waits_because_it_is_refused() -> bool:
    job = Job.objects.get(kind="classify")
    return job.status == Job.Status.QUEUED and REFUSED in ModelVersion.objects.get().load_error


def ask_again() -> None:
    """What half a minute does by itself."""
    ModelVersion.objects.update(load_error="")
    Job.objects.filter(kind="classify").update(run_after=None)


def test_nothing_is_classified_by_harmed_files_and_what_waits_goes_on_once_they_are_restored(
    plant: Plant, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    decide_reports()
    champion = run_to_end(request_training(base_model="none")).version
    backup = tmp_path_factory.mktemp("backup") / "files"
    shutil.copytree(champion.artefact, backup)
    change_a_byte(champion.artefact)
    filed = file_incident(FiledReport(title="", text="A caller asked for the otp code."), source="web").incident
    plant.worker()
    for harm in HARMS:
        shutil.rmtree(champion.artefact)
        shutil.copytree(backup, champion.artefact)
        harm(champion.artefact)
        ask_again()
        wait_for(waits_because_it_is_refused, 120, sweeping=True)
        assert not Prediction.objects.exists()
    assert Job.objects.get(kind="classify").attempts == 0

    client.force_login(make_user(role="admin"))
    for address in ("/", "/models/", "/status/"):
        assert REFUSED in client.get(address).content.decode(), address
    assert "cannot be read, so reports are kept and wait" in client.get("/models/").content.decode()
    assert "classification failed" not in client.get(f"/incidents/{filed.pk}/").content.decode()

    shutil.rmtree(champion.artefact)
    shutil.copytree(backup, champion.artefact)
    wait_for(lambda: Prediction.objects.filter(incident=filed, version=champion).exists(), 120, sweeping=True)
    assert REFUSED not in client.get("/models/").content.decode()
