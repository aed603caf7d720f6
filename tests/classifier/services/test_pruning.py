"""Which artefacts are given up, and which never."""

import os

import pytest

from classifier import store
from classifier.models import AnomalySet, ModelVersion
from classifier.services import pruning
from classifier.services.promotion import PromotionRefused, promote, rollback
from classifier.services.pruning import prunable, prune_artefacts
from classifier.services.rebuild import request_rebuild
from classifier.services.shadow import set_shadow
from classifier.services.training import request_training
from classifier.store import here
from incidents.models import AuditEvent, Setting
from tests.builders import make_user, make_version
from tests.classifier.services.conftest import run_to_end

pytestmark = pytest.mark.django_db
Stage = ModelVersion.Stage


@pytest.fixture
def others(champion: ModelVersion) -> list[ModelVersion]:
    """Three that never were in charge, the oldest first."""
    return [run_to_end(request_training(base_model="none", force=True)).version for _ in range(3)]


def keep(count: int) -> None:
    Setting.objects.create(key="kept_artefacts", value=count)


def test_the_newest_stay_and_older_ones_lose_their_files_but_not_their_rows(others: list[ModelVersion]) -> None:
    keep(2)
    assert prunable() == [others[0]]
    prune_artefacts()
    others[0].refresh_from_db()
    assert [version.artefact.exists() for version in others] == [False, True, True]
    assert others[0].stage == Stage.ARCHIVED and others[0].evaluations.exists()
    assert "removed on" in others[0].artefact_error and "build it again" in others[0].artefact_error
    assert AuditEvent.objects.get(kind="model.pruned").subject == others[0].name
    assert prune_artefacts() == 0
    with pytest.raises(PromotionRefused, match="cannot be used"):
        promote(others[0], by=make_user(role="admin"))


def test_what_is_or_was_in_charge_is_never_given_up(champion: ModelVersion, others: list[ModelVersion]) -> None:
    admin = make_user(role="admin")
    promote(others[0], by=admin)
    rollback(by=admin)
    set_shadow(others[1], by=admin)
    keep(0)
    assert prunable() == [others[2]]


def test_what_is_being_built_again_waits(others: list[ModelVersion]) -> None:
    keep(0)
    request_rebuild(others[0], by=None)
    assert others[0] not in prunable() and others[1] in prunable()


def test_the_lines_are_counted_apart(others: list[ModelVersion]) -> None:
    keep(3)
    make_version(line="detect")
    assert prunable() == []


def test_what_is_promoted_at_the_same_moment_keeps_its_place_and_its_files(
    others: list[ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(0)

    def prunable_before_a_promotion() -> list[ModelVersion]:
        found = prunable()
        promote(others[0], by=make_user(role="admin"))
        return found

    monkeypatch.setattr(pruning, "prunable", prunable_before_a_promotion)
    prune_artefacts()
    assert ModelVersion.objects.champion() == others[0] and not others[0].artefact_error
    assert [here(version.folder).exists() for version in others] == [True, False, False]
    assert AuditEvent.objects.filter(kind="model.pruned").count() == 2


def test_what_cannot_be_removed_is_tried_again_and_holds_up_nothing(
    others: list[ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(0)
    AnomalySet.objects.update(status=AnomalySet.Status.RETIRED, folder="anomaly-old")
    stuck = {others[0].folder, "anomaly-old"}
    remove = store.remove

    def remove_unless_stuck(folder: str) -> None:
        if folder in stuck:
            raise ConnectionError("the bucket is away")
        remove(folder)

    monkeypatch.setattr(store, "remove", remove_unless_stuck)
    assert prune_artefacts() == 2
    assert [here(version.folder).exists() for version in others] == [True, False, False]
    others[0].refresh_from_db()
    with pytest.raises(PromotionRefused, match="cannot be used"):
        promote(others[0], by=make_user(role="admin"))
    stuck.clear()
    assert prune_artefacts() == 2
    assert not here(others[0].folder).exists() and AnomalySet.objects.get().folder == ""
    assert prune_artefacts() == 0
    assert AuditEvent.objects.filter(kind="model.pruned").count() == 3, "given up once each"


def test_retired_anomaly_sets_lose_their_files(champion: ModelVersion) -> None:
    keep(10)
    AnomalySet.objects.update(status=AnomalySet.Status.RETIRED, folder="anomaly-gone")
    prune_artefacts()
    assert AnomalySet.objects.get().folder == ""


def test_what_a_kill_left_half_written_is_removed_after_a_day(caseloop_home):
    models = caseloop_home / "models"
    for name in (".old-v1.0a.writing", ".old-v1.0b.fetching", ".new-v2.0c.writing", "old-v1"):
        (models / name).mkdir(parents=True)
        if "old" in name:
            os.utime(models / name, (0, 0))
    assert prune_artefacts() == 2
    assert {one.name for one in models.iterdir()} == {".new-v2.0c.writing", "old-v1"}
