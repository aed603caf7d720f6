"""Errors and log lines tell the place and the kind, never what a foreign error quotes."""

import errno
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from django.test import Client

from classifier.services.training import TrainingRefused
from workers import logs
from workers.errors import sentence

SECRET = "my card is 4111 1111 1111 1111"


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_foreign_error_is_named_by_type_and_place_without_its_message() -> None:
    text = sentence(raised(ValueError(SECRET)))
    assert text.startswith("ValueError in tests/workers/test_logs.py, line ")
    assert "4111" not in text


def test_an_error_of_our_own_is_quoted_because_it_was_written_for_people() -> None:
    assert sentence(TrainingRefused("Review some more.")) == "TrainingRefused: Review some more."


def test_an_operating_system_error_keeps_the_systems_words_but_no_file_name() -> None:
    text = sentence(raised(OSError(errno.ENOSPC, "No space left on device", f"/tmp/{SECRET}")))
    assert text.startswith("OSError (No space left on device) in ")
    assert "4111" not in text


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the process logs."""
    with pytest.MonkeyPatch.context() as patched:
        written = io.StringIO()
        patched.setattr("sys.stderr", written)
        logs.configure()
        yield written
    logs.configure()


def test_log_lines_are_json_and_an_exception_leaves_no_message_in_them(stream: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("somewhere").exception("it broke")
        structlog.get_logger("elsewhere").exception("so did this", job_ids=[7])
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["level"], first["logger"]) == ("it broke", "error", "somewhere")
    assert second["job_ids"] == [7]
    assert "4111" not in stream.getvalue()
    assert first["error"].startswith("ValueError in tests/workers/test_logs.py")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/r/SECRET123456789012345678/x", "/accounts/password/reset/key/SECRET/"])
def test_a_private_address_that_leads_nowhere_is_not_written_down(
    client: Client, stream: io.StringIO, address: str
) -> None:
    assert client.get(address).status_code == 404
    assert client.get("/no-such-page/").status_code == 404
    assert "SECRET" not in stream.getvalue()
    assert "Not Found: /no-such-page/" in stream.getvalue()
