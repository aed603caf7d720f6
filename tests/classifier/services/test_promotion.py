import shutil

import pytest

from classifier.models import AnomalySet, ModelVersion, Promotion
from classifier.services.comparison import comparison
from classifier.services.evaluation import compare_challengers
from classifier.services.promotion import PromotionRefused, promote, rollback
from classifier.services.training import request_training
from incidents.models import AuditEvent
from tests.builders import make_incident, make_user
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
Stage = ModelVersion.Stage


@pytest.fixture
def challenger(champion):
    return run_to_end(request_training(base_model="none", force=True)).version


def stages():
    return dict(ModelVersion.objects.values_list("name", "stage"))


def test_promotion_moves_the_pointer_and_keeps_its_history(champion, challenger):
    admin = make_user(role="admin")
    promotion = promote(challenger, by=admin, reason="better on vishing")
    assert stages() == {champion.name: Stage.PREVIOUS, challenger.name: Stage.CHAMPION}
    assert (promotion.version, promotion.replaced, promotion.by) == (challenger, champion, admin)
    assert AuditEvent.objects.get(kind="model.promote").subject == challenger.name


def test_rollback_brings_the_previous_back_and_archives_the_other(champion, challenger):
    admin = make_user(role="admin")
    promote(challenger, by=admin)
    rollback(by=admin, reason="worse in practice")
    assert stages() == {champion.name: Stage.CHAMPION, challenger.name: Stage.ARCHIVED}
    assert Promotion.objects.first().action == "rollback"


def test_there_is_nothing_to_go_back_to_from_the_first(champion):
    with pytest.raises(PromotionRefused, match="no earlier version"):
        rollback(by=make_user(role="admin"))


def test_the_champion_is_not_promoted_again(champion):
    with pytest.raises(PromotionRefused, match="in charge already"):
        promote(champion, by=make_user(role="admin"))


def test_a_version_whose_artefact_is_gone_is_refused_and_the_champion_stays(champion, challenger):
    shutil.rmtree(challenger.artefact)
    with pytest.raises(PromotionRefused, match="cannot be used"):
        promote(challenger, by=make_user(role="admin"))
    assert stages()[champion.name] == Stage.CHAMPION


def test_a_promotion_asks_for_vectors_and_for_predictions_of_what_waits(champion):
    assert AnomalySet.objects.get().version == champion
    assert Job.objects.filter(kind="embed", priority=Job.Priority.BACKFILL).count() == 1


def test_reports_that_came_before_any_model_are_asked_for_by_the_first_promotion(champion, challenger):
    waiting = make_incident()
    promote(challenger, by=make_user(role="admin"))
    assert Job.objects.filter(kind="classify", object_id=waiting.pk).exists()


def test_a_new_champion_is_put_beside_the_challengers_that_were_there(champion, challenger):
    decide_reports(30, start=400)
    later = run_to_end(request_training(base_model="none")).version
    promote(challenger, by=None)
    assert "(champion)" not in str([column.title for column in comparison(later)])
    compare_challengers(jobs.claim("inference", worker="test", limits={"compare": Limit()}))
    assert not challenger.evaluations.filter(snapshot=later.snapshot).exists()
    compare_challengers(jobs.claim("inference", worker="test", limits={"compare": Limit()}))
    assert [column.title for column in comparison(later)] == [later.name, f"{challenger.name} (champion)"]


def test_two_who_promote_at_one_moment_end_with_one_champion(champion, challenger, monkeypatch):
    monkeypatch.setattr("classifier.models.version.ModelVersionQuerySet.champion", lambda rows, line="classify": None)
    with pytest.raises(PromotionRefused, match="at this moment"):
        promote(challenger, by=None)
    assert stages() == {champion.name: Stage.CHAMPION, challenger.name: Stage.CHALLENGER}
