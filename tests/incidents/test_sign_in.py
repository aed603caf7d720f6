"""What a signed-in person may do, read in one query."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import User
from incidents.roles import ANALYST, permissions_of
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> User:
    user = make_user(role=ANALYST)
    user.user_permissions.add(Permission.objects.get(codename="view_job"))
    return User.objects.get(pk=user.pk)


def test_what_the_role_holds_and_what_one_holds_oneself_counts(analyst: User) -> None:
    assert analyst.get_all_permissions() == permissions_of(ANALYST) | {"workers.view_job"}
    assert not analyst.has_perm("classifier.manage_models")


def test_it_takes_one_query_however_often_it_is_asked(analyst: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert analyst.has_perm("incidents.review_incident")
        assert analyst.has_perm("workers.view_job")
    assert len(queries) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_active": False, "is_superuser": True}])
def test_who_is_not_active_may_do_nothing(analyst: User, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(analyst, name, value)
    assert analyst.get_all_permissions() == set()


def test_a_superuser_may_do_everything(analyst: User) -> None:
    analyst.is_superuser = True
    assert len(analyst.get_all_permissions()) == Permission.objects.count()


def test_what_is_taken_away_is_gone_with_the_next_request(analyst: User) -> None:
    analyst.groups.clear()
    analyst.user_permissions.clear()
    assert User.objects.get(pk=analyst.pk).get_all_permissions() == set()
