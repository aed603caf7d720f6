"""Every move on a line, a page at a time."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from classifier.models import ImpactPreview, ModelVersion, Refusal
from classifier.services.forcing import ask_to_force
from classifier.services.move_history import Moves
from classifier.services.promotion import GateRefused, promote, rollback
from classifier.services.shadow import end_shadow, set_shadow
from classifier.services.training import request_training
from classifier.wording import by_whom
from incidents.models import AuditEvent, Setting, User
from tests.builders import make_promotion, make_user, make_version
from tests.classifier.services.conftest import run_to_end

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenger(champion: ModelVersion) -> ModelVersion:
    return run_to_end(request_training(base_model="none", force=True)).version


def told(line: str = "classify") -> list[tuple[str, str]]:
    """Kinds of the moves, and who made them."""
    return [(move.kind, by_whom(move.by, move.by_itself)) for move in Moves(line)]


def test_the_newest_stands_first_whatever_table_keeps_it(champion: ModelVersion, challenger: ModelVersion) -> None:
    ada = make_user("ada", role="admin")
    set_shadow(challenger, by=ada)
    end_shadow(challenger, by=ada)
    Setting.objects.create(key="gate_min_reports", value=1000)
    with pytest.raises(GateRefused):
        promote(challenger, by=ada)
    ask_to_force(challenger, by=ada, reason="a court order")
    Setting.objects.create(key="gate_min_reports", value=0)
    promote(challenger, by=ada)
    rollback(by=ada)
    make_promotion(make_version(line="detect"))
    kinds = [kind for kind, _ in told()]
    assert kinds == [
        *("rollback", "promote", "force_asked", "refused", "refused", "shadow_ended", "shadow"),
        "first",
    ]
    assert [move.kind for move in Moves("detect")] == ["first"]
    assert Moves("classify")[3].replaced == champion.name


def test_no_move_is_ever_left_out_and_a_page_takes_as_many_queries_as_any(
    django_assert_num_queries: Any,
) -> None:
    version, champion = make_version(), make_version(stage="champion")
    start = timezone.now()
    moments = [start + dt.timedelta(minutes=number) for number in range(600)]
    AuditEvent.objects.bulk_create(
        AuditEvent(kind="model.shadow", subject=version.name, detail={"line": "classify"}, created_at=moment)
        for moment in moments
    )
    Refusal.objects.bulk_create(
        Refusal(version=version, champion=champion, gate={"checks": []}, created_at=moment) for moment in moments
    )
    make_promotion(champion, created_at=start - dt.timedelta(days=1))
    moves = Moves("classify")
    assert len(moves) == 1201
    with django_assert_num_queries(5):
        assert [move.kind for move in moves[1190:1230]] == ["refused", "shadow"] * 5 + ["first"]
    with django_assert_num_queries(4):  # no promotion is among them
        found = moves[:200]
    assert [move.created_at for move in found[::2]] == moments[:-101:-1]
    assert {move.number for move in found} == {version.pk}


def test_a_rule_is_told_from_a_person_whose_account_is_gone(champion: ModelVersion, challenger: ModelVersion) -> None:
    ada = make_user("ada", role="admin")
    set_shadow(challenger, by=ada)
    end_shadow(challenger, by=None, why="its 14 days are over")
    Setting.objects.create(key="gate_min_reports", value=1000)
    for by in (ada, None):
        with pytest.raises(GateRefused):
            promote(challenger, by=by)
    Setting.objects.create(key="gate_min_reports", value=0)
    promote(challenger, by=ada)
    rollback(by=ada)
    User.objects.filter(pk=ada.pk).delete()
    gone = "by somebody whose account is gone"
    assert told() == [
        ("rollback", gone),
        ("promote", gone),
        ("refused", "by itself"),
        ("refused", gone),
        ("shadow_ended", "by itself"),
        ("shadow", gone),
        ("first", "by itself"),
    ]


def test_of_the_shadow_rows_of_before_do_not_tell_and_force_is_always_of_people() -> None:
    detail = {"line": "classify"}
    AuditEvent.objects.create(kind="model.force_asked", subject="x", detail=detail)
    AuditEvent.objects.create(kind="model.shadow_ended", subject="x", detail=detail | {"reason": "a rule"})
    assert told() == [("shadow_ended", "by itself"), ("force_asked", "by somebody whose account is gone")]


def test_a_promotion_tells_what_was_known_of_its_effect(champion: ModelVersion, challenger: ModelVersion) -> None:
    figures = {"reports": 7, "changed": 2}
    preview = ImpactPreview.objects.create(version=challenger, champion=champion, status="done", figures=figures)
    promote(challenger, by=None)
    move = Moves("classify")[0]
    assert move.impact == preview
    assert move.to_json(with_impact=True)["impact"] == figures
    assert move.to_json(with_impact=False)["impact"] is None


def test_it_is_told_in_the_language_that_is_active(champion: ModelVersion) -> None:
    with override("de"):
        assert Moves("classify")[0].title != "First model"
