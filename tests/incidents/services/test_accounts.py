"""The demo's accounts."""

from pathlib import Path

import pytest

from incidents.models import User
from incidents.roles import ROLES
from incidents.services.accounts import create_demo_accounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "demo-accounts.txt"


def test_there_is_one_account_for_each_role(file: Path) -> None:
    create_demo_accounts(file)
    assert {user.username: user.role for user in User.objects.all()} == {role: role for role in ROLES}
    assert [user.username for user in User.objects.filter(is_staff=True)] == ["admin"]
    assert not User.objects.filter(is_superuser=True).exists()


def test_the_file_holds_the_passwords_and_is_for_its_owner_alone(file: Path) -> None:
    accounts = create_demo_accounts(file)
    assert file.stat().st_mode & 0o777 == 0o600
    for account in accounts:
        assert User.objects.get(username=account.username).check_password(account.password)
        assert f"{account.username:<10}{account.password}\n" in file.read_text()


def test_passwords_are_random(tmp_path: Path) -> None:
    first = create_demo_accounts(tmp_path / "a")
    User.objects.all().delete()
    second = create_demo_accounts(tmp_path / "b")
    assert len({account.password for account in first + second}) == 2 * len(ROLES)


def test_a_second_time_changes_nothing(file: Path) -> None:
    first = create_demo_accounts(file)
    before = file.read_text()
    assert create_demo_accounts(file) == first
    assert file.read_text() == before
    assert User.objects.count() == len(ROLES)


def test_an_account_that_is_there_keeps_its_password(file: Path) -> None:
    User.objects.create_user("admin", password="chosen by a person")
    accounts = create_demo_accounts(file)
    assert "admin" not in {account.username for account in accounts}
    assert User.objects.get(username="admin").check_password("chosen by a person")


def test_after_a_new_database_the_passwords_of_the_file_hold(file: Path) -> None:
    accounts = create_demo_accounts(file)
    User.objects.all().delete()
    create_demo_accounts(file)
    for account in accounts:
        assert User.objects.get(username=account.username).check_password(account.password)
