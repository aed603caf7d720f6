"""`manage.py promote V --by USER` and `manage.py rollback --by USER`"""

import pytest

from classifier.models import ModelVersion, Promotion
from tests.builders import make_user
from tests.classifier.commands.conftest import run


@pytest.fixture
def challenger(champion):
    return ModelVersion.objects.get(name=run("train", "--base-model", "none", "--force", "--json").json["model"])


@pytest.fixture
def by(db):
    return make_user("chief", role="admin")


def test_a_challenger_is_promoted_and_rolled_back_by_name(champion, challenger, by):
    told = run("promote", challenger.name, "--by", "chief", "--reason", "better", "--json").json
    assert told == {"model": challenger.name, "replaced": champion.name, "action": "promote", "forced": False}
    promotion = Promotion.objects.first()
    assert (promotion.by, promotion.reason) == (by, "better")
    told = run("rollback", "--by", "chief", "--json").json
    assert told == {"model": champion.name, "replaced": challenger.name}


def test_an_unknown_version_is_named_together_with_the_known_ones(champion, by):
    ran = run("promote", "nope", "--by", "chief")
    assert ran.code == 2
    assert "'nope'" in ran.err
    assert champion.name in ran.err


def test_an_unknown_person_decides_nothing(challenger):
    ran = run("promote", challenger.name, "--by", "nobody")
    assert (ran.code, "'nobody'" in ran.err) == (2, True)


def test_only_an_admin_decides(challenger):
    make_user("ana", role="analyst")
    ran = run("promote", challenger.name, "--by", "ana")
    assert (ran.code, "ana may not" in ran.err) == (3, True)


def test_the_champion_itself_is_refused(champion, by):
    assert run("promote", champion.name, "--by", "chief").code == 3


def test_rolling_back_with_nothing_to_go_back_to_is_refused(champion, by):
    ran = run("rollback", "--by", "chief", "--json")
    assert ran.code == 3
    assert "no earlier version" in ran.json["error"]
