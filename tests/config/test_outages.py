"""What is told while the database or the disk is away, and that other errors are not taken for it."""

import errno
import sqlite3
from uuid import uuid4

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client

from config import outages
from config.outages import AWAY, BUSY, FULL
from incidents.services import attachments

TYPED = {"title": "Call from a bank", "text": "They asked <for> the code.", "currency": "INR", "contact": "a@b.example"}


def of_sqlite(code: int) -> OperationalError:
    error, driver = OperationalError("words"), sqlite3.OperationalError("words")
    driver.sqlite_errorcode = code
    error.__cause__ = driver
    return error


def of_postgres(state: str) -> OperationalError:
    driver = Exception("words")
    driver.sqlstate = state  # type: ignore[attr-defined]
    error = OperationalError("words")
    error.__cause__ = driver
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (of_sqlite(sqlite3.SQLITE_BUSY), BUSY),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), BUSY),
        (of_sqlite(sqlite3.SQLITE_FULL), FULL),
        (of_sqlite(sqlite3.SQLITE_ERROR), None),
        (of_postgres("55P03"), BUSY),
        (of_postgres("53100"), FULL),
        (of_postgres("57P01"), AWAY),
        (of_postgres("57014"), None),
        (of_postgres("40P01"), None),
        (OperationalError("server closed the connection"), AWAY),
        (InterfaceError("connection already closed"), AWAY),
        (OSError(errno.ENOSPC, "no space"), FULL),
        (OSError(errno.EACCES, "no right"), None),
        (ProgrammingError("no such table"), None),
        (None, None),
    ],
)
def test_an_outage_is_told_from_an_error_that_will_come_again(error: Exception | None, outage: object) -> None:
    assert outages.of(error) is outage


@pytest.fixture
def failing(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser of somebody whose report meets a database that is locked."""

    def locked(*args: object, **kwargs: object) -> None:
        raise of_sqlite(sqlite3.SQLITE_BUSY)

    monkeypatch.setattr(attachments, "file_incident", locked)
    client.raise_request_exception = False
    return client


@pytest.mark.django_db
def test_what_was_typed_comes_back_with_a_button_and_its_key(failing: Client) -> None:
    key = str(uuid4())
    answer = failing.post("/file/", TYPED | {"key": key})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10" and answer.headers["Cache-Control"] == "no-store"
    assert "The database is busy" in page and "Nothing of what you just sent was saved" in page
    assert "They asked &lt;for&gt; the code." in page and 'value="a@b.example"' in page
    assert f'name="key" value="{key}"' in page and "csrfmiddlewaretoken" in page and "Send it again" in page


@pytest.mark.django_db
def test_the_page_needs_no_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> None:
        raise OperationalError("the server has gone")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.content.decode()


@pytest.mark.django_db
def test_the_api_says_it_as_json(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> None:
        raise OperationalError("the server has gone")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    client.raise_request_exception = False
    answer = client.get("/api/v1/incidents/", headers={"authorization": "Token 0000000000000000"})
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("The database does not answer.")


@pytest.mark.django_db
def test_another_error_is_still_an_error_of_ours(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a fault in the program")

    monkeypatch.setattr(attachments, "file_incident", broken)
    client.raise_request_exception = False
    answer = client.post("/file/", TYPED | {"key": str(uuid4())})
    assert answer.status_code == 500 and "Something went wrong on our side" in answer.content.decode()
