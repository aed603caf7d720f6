"""What an admin changes and the event that tells it stand or fall together; events name people by number."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from classifier.models import ModelVersion
from classifier.services.promotion import rollback
from incidents.models import ApiToken, AuditEvent, Setting, User
from incidents.services import tokens
from incidents.services.settings import set_policy
from tests.builders import make_user, make_version

pytestmark = pytest.mark.django_db


class NotWritten(Exception):
    """Stands for a database that fails at this row."""


@pytest.fixture
def admin() -> User:
    return make_user("ada", role="admin", is_superuser=True, is_staff=True)


@pytest.fixture
def failing(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise NotWritten

    monkeypatch.setattr(AuditEvent, "save", fail)


def setting(admin: User) -> None:
    set_policy("open_sign_up", False, by=admin)


def token(admin: User) -> None:
    tokens.create_token(admin, name="feed", scopes=[ApiToken.Scope.READ])


def role(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    user = User.objects.get(username="asha")
    form = {"username": "asha", "email": "", "groups": [Group.objects.get(name="lead").pk], "is_active": "on"}
    client.post(reverse("admin:incidents_user_change", args=[user.pk]), form)


def roll_back(admin: User) -> None:
    rollback(by=admin)


ACTS: dict[str, tuple[Callable[[User], None], str]] = {
    "setting": (setting, "setting.changed"),
    "token": (token, "token.created"),
    "role": (role, "account.role"),
    "rollback": (roll_back, "model.rollback"),
}


@pytest.fixture
def _there(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("asha", role="analyst")
    make_version(stage="champion", name="new")
    make_version(stage="previous", name="old")
    monkeypatch.setattr("classifier.services.promotion.refuse_unusable", lambda version: None)


def now() -> tuple[object, ...]:
    return (
        Setting.objects.count(),
        ApiToken.objects.count(),
        User.objects.get(username="asha").role,
        ModelVersion.objects.get(name="old").stage,
    )


@pytest.mark.usefixtures("_there")
@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_recorded(admin: User, name: str) -> None:
    act, kind = ACTS[name]
    before = now()
    act(admin)
    event = AuditEvent.objects.get(kind=kind)
    assert now() != before and event.actor == admin
    assert "asha" not in f"{event.subject}{event.detail}"


@pytest.mark.usefixtures("_there", "failing")
@pytest.mark.parametrize("name", ACTS)
def test_without_the_event_nothing_is_changed(admin: User, name: str) -> None:
    before = now()
    with pytest.raises(NotWritten):
        ACTS[name][0](admin)
    assert now() == before
