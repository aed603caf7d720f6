"""Whoever promotes is killed at each step of it: the old or the new champion is in charge, wholly, and serves."""

import json

import pytest

from classifier.ml.artifact import CLASSIFIER, open_artifact
from classifier.models import ModelVersion, Prediction
from classifier.services.training import request_training
from incidents.models import Setting
from incidents.services.filing import FiledReport, file_incident
from tests.chaos.conftest import Plant
from tests.classifier.services.conftest import decide_reports, run_to_end
from tests.workers.conftest import wait_for

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("stride", [7, pytest.param(1, marks=pytest.mark.long)])
def test_a_promotion_killed_at_any_step_leaves_the_old_or_the_new_champion_whole(plant: Plant, stride: int) -> None:
    Setting.objects.create(key="gate_min_reports", value=0)
    decide_reports()
    old, new = (run_to_end(request_training(base_model="none", force=True)).version for _ in range(2))
    done = plant.program("-m", "tests.chaos.promoter", str(old.pk), str(new.pk), str(stride))
    assert done.process.wait(900) == 0, done.log.read_text()
    tries = [json.loads(line) for line in done.log.read_text().splitlines() if line.startswith("[")]
    assert len(tries) > 50 / stride and [one[1] for one in tries] == [True] * (len(tries) - 1) + [False]
    moves, comparisons = 1, 1  # of the old one, when it was the first
    for _, _, champions, previous, promotions, compared in tries:
        assert champions in ([old.pk], [new.pk])
        moved = champions == [new.pk]
        assert (previous, promotions, compared) == (int(moved), moves + moved, comparisons + moved)
        moves, comparisons = moves + 2 * moved, comparisons + 2 * moved  # it was rolled back
    assert {tuple(one[2]) for one in tries} == {(old.pk,), (new.pk,)}

    champion = ModelVersion.objects.champion()
    assert champion == new
    for version in (old, new):
        open_artifact(version.artefact, CLASSIFIER)
    assert {one.name for one in (plant.home / "models").iterdir()} == {old.folder, new.folder}
    plant.worker()
    filed = file_incident(FiledReport(title="", text="A caller asked for the otp code."), source="web").incident
    wait_for(lambda: Prediction.objects.filter(incident=filed, version=champion).exists(), 120, sweeping=True)
