"""One person asks to pass the gate, a second one agrees or does not."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from classifier.models import ForceRequest, ModelVersion, Promotion, Refusal
from classifier.services.forcing import agree, ask_to_force, decline
from classifier.services.promotion import PromotionRefused, promote
from classifier.services.training import request_training
from incidents.models import AuditEvent, Setting, User
from tests.builders import make_user
from tests.classifier.services.conftest import run_to_end

pytestmark = pytest.mark.django_db
State = ForceRequest.State


@pytest.fixture
def refused(champion: ModelVersion) -> ModelVersion:
    """A version that the gate refuses: too few test reports."""
    version = run_to_end(request_training(base_model="none", force=True)).version
    Setting.objects.create(key="gate_min_reports", value=1000)
    return version


@pytest.fixture
def admin() -> User:
    return make_user("ada", role="admin")


@pytest.fixture
def lead() -> User:
    return make_user("lea", role="lead")


def test_the_second_person_puts_it_in_charge(refused: ModelVersion, admin: User, lead: User) -> None:
    asked = ask_to_force(refused, by=admin, reason="a court order")
    assert Refusal.objects.get().reason == "a court order"
    promotion = agree(asked, by=lead, answer="seen")
    asked.refresh_from_db()
    assert (promotion.version, promotion.by, promotion.approved_by, promotion.forced) == (refused, admin, lead, True)
    assert (promotion.reason, asked.state, asked.answered_by, asked.answer) == (
        "a court order",
        State.APPROVED,
        lead,
        "seen",
    )
    kinds = AuditEvent.objects.filter(kind__startswith="model.force").values_list("kind", "actor")
    assert set(kinds) == {("model.force_asked", admin.pk), ("model.force_agreed", lead.pk)}
    assert not any("court" in str(detail) for detail in AuditEvent.objects.values_list("detail", flat=True))


def test_nobody_agrees_to_what_they_asked_for(refused: ModelVersion, admin: User, champion: ModelVersion) -> None:
    asked = ask_to_force(refused, by=admin, reason="x")
    with pytest.raises(PromotionRefused, match="second person"):
        agree(asked, by=admin)
    asked.refresh_from_db()
    assert asked.state == State.OPEN and ModelVersion.objects.champion() == champion


def test_who_may_not_approve_changes_nothing(refused: ModelVersion, admin: User) -> None:
    asked = ask_to_force(refused, by=admin, reason="x")
    with pytest.raises(PromotionRefused, match="cannot be the second person"):
        agree(asked, by=make_user(role="analyst"))
    asked.refresh_from_db()
    assert asked.state == State.OPEN


@pytest.mark.parametrize("what", ["deactivated", "no admin any more"])
def test_who_asked_must_still_be_allowed_to_when_the_second_person_agrees(
    refused: ModelVersion, admin: User, lead: User, champion: ModelVersion, what: str
) -> None:
    ask_to_force(refused, by=admin, reason="x")
    if what == "deactivated":
        User.objects.filter(pk=admin.pk).update(is_active=False)
    else:
        admin.groups.set([Group.objects.get(name="lead")])
    asked = ForceRequest.objects.get()
    with pytest.raises(PromotionRefused, match="ada may not put a model in charge any more"):
        agree(asked, by=lead)
    asked.refresh_from_db()
    assert asked.state == State.OPEN and ModelVersion.objects.champion() == champion


def test_the_database_wants_two_people_and_lets_their_accounts_go(
    refused: ModelVersion, admin: User, lead: User, champion: ModelVersion
) -> None:
    values = {"action": "promote", "version": refused, "replaced": champion, "by": admin, "forced": True}
    with pytest.raises(IntegrityError, match="forced_by_two_people"), transaction.atomic():
        Promotion.objects.create(**values, approved_by=admin)
    kept = Promotion.objects.create(**values, approved_by=lead)
    User.objects.filter(pk__in=[admin.pk, lead.pk]).delete()
    kept.refresh_from_db()
    assert (kept.forced, kept.by, kept.approved_by) == (True, None, None)


def test_it_is_asked_for_with_a_reason_and_once(refused: ModelVersion, admin: User, lead: User) -> None:
    with pytest.raises(PromotionRefused, match="Say why"):
        ask_to_force(refused, by=admin, reason=" ")
    ask_to_force(refused, by=admin, reason="x")
    with pytest.raises(PromotionRefused, match="asked for already"):
        ask_to_force(refused, by=make_user(role="admin"), reason="y")


def test_what_the_gate_lets_pass_needs_no_force(refused: ModelVersion, admin: User) -> None:
    Setting.objects.create(key="gate_min_reports", value=0)
    with pytest.raises(PromotionRefused, match="promote it"):
        ask_to_force(refused, by=admin, reason="x")


def test_a_request_ends_once(refused: ModelVersion, admin: User, lead: User, champion: ModelVersion) -> None:
    asked = ask_to_force(refused, by=admin, reason="x")
    decline(asked, by=lead, answer="no")
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == (State.DECLINED, "no")
    with pytest.raises(PromotionRefused, match="over already"):
        agree(asked, by=lead)
    assert ModelVersion.objects.champion() == champion


def test_who_asked_may_take_it_back(refused: ModelVersion, admin: User) -> None:
    asked = ask_to_force(refused, by=admin, reason="x")
    decline(asked, by=admin)
    asked.refresh_from_db()
    assert asked.state == State.WITHDRAWN


def test_another_promotion_overtakes_what_waits(refused: ModelVersion, admin: User) -> None:
    asked = ask_to_force(refused, by=admin, reason="x")
    Setting.objects.create(key="gate_min_reports", value=0)
    promote(refused, by=admin)
    asked.refresh_from_db()
    assert asked.state == State.WITHDRAWN
