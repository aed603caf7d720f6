"""What tests of event pages share."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.models import User
from tests.builders import make_user


@pytest.fixture
def analyst(client: Client) -> User:
    """Signed in, and may look."""
    return _signed_in(client, "analyst")


@pytest.fixture
def lead(client: Client) -> User:
    """Signed in, and may replay dead letters."""
    return _signed_in(client, "lead")


@pytest.fixture
def admin(client: Client) -> User:
    """Signed in, and may change sources and models."""
    return _signed_in(client, "admin")


def _signed_in(client: Client, role: str) -> User:
    user = make_user(role=role)
    client.force_login(user)
    return user


@pytest.fixture
def queries_of(client: Client) -> Callable[[str], int]:
    """The number of queries of a page, the second time that it is opened."""

    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    return count
