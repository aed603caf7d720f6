"""A worker is killed in the middle of an import: another goes on, and tells what a whole run would have told."""

import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.models import ImportBatch, Incident
from incidents.services import import_runs
from incidents.services.import_runs import ImportWish
from tests.builders import make_user
from tests.chaos.conftest import Plant, kill_while
from tests.workers.conftest import wait_for
from tests.workers.rows import expire

pytestmark = pytest.mark.chaos

REPORTS = 4000  # eight transactions: enough to be met between the first and the last


def table(dice: random.Random) -> bytes:
    """Each text twice, and every tenth row without one."""
    texts = [f"report {number} of {dice.random()}" for number in range(REPORTS)]
    rows = [f"{text},Fraud,UPI" for text in [*texts, *texts]] + [",Fraud,UPI"] * (REPORTS // 10)
    return "\n".join(["text,category,sub_category", *rows]).encode()


def half_way() -> bool:
    return 0 < Incident.objects.count() < REPORTS


@pytest.mark.long
def test_an_import_goes_on_after_a_kill_with_the_figures_of_a_whole_one(plant: Plant, settings) -> None:
    settings.MEDIA_ROOT = plant.home / "media"  # where the workers look, too
    file = SimpleUploadedFile("reports.csv", table(random.Random(7)))
    admin = make_user(role="admin")
    run = import_runs.start(file, ImportWish(create_labels=True), by=admin, origin=ImportBatch.Origin.PAGE)
    kill_while(half_way, plant.worker("desk"), 120)
    there = Incident.objects.count()
    expire()
    plant.worker("desk")
    wait_for(
        lambda: ImportBatch.objects.get().status == "done" and not ImportBatch.objects.get().file, 120, sweeping=True
    )
    run.refresh_from_db()
    counts = {name: run.figures[name] for name in ("rows", "taken", "merged", "refused", "unchanged", "decided")}
    assert counts == {
        "rows": 2 * REPORTS + REPORTS // 10,
        "taken": REPORTS,
        "merged": REPORTS,
        "refused": REPORTS // 10,
        "unchanged": 0,
        "decided": REPORTS,
    }
    assert 0 < there < REPORTS == run.incidents.count() == Incident.objects.count()
    assert run.figures["labels_created"] == {"categories": 1, "sub_categories": 1, "paths": 1}
    assert [one.name for one in (plant.home / "media/imports").iterdir()] == [run.refused_file.name.rpartition("/")[2]]
