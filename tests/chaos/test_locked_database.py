"""Somebody holds the whole database: who files a report is told so, keeps the words, and sends them again."""

import html
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from incidents.models import Incident
from tests.chaos.installation import serving
from tests.workers.conftest import database_url
from workers.models import Job

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

WORDS = "They called as my bank & asked for the <code>."


@contextmanager
def everything_locked() -> Iterator[None]:
    """As a backup or a migration holds it."""
    if connection.vendor == "sqlite":
        holder = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
    else:
        holder = psycopg.connect(database_url())
        holder.execute("LOCK TABLE incidents_incident IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        holder.close()


def test_who_files_into_a_locked_database_waits_is_told_and_loses_no_word(caseloop_home: Path) -> None:
    with serving(caseloop_home, LOCK_SECONDS="2") as browser:
        form = browser.filing_form() | {"title": "A call", "text": WORDS, "contact": "a@example.org"}
        with everything_locked():
            began = time.monotonic()
            refused = browser.send("/file/", form)
            waited = time.monotonic() - began
        assert refused.status == 503 and refused.headers["Retry-After"] == "10"
        assert 2 <= waited < 20
        assert "The database is busy" in refused.body and "Nothing of what you just sent was saved" in refused.body
        assert not Incident.objects.exists() and not Job.objects.exists()

        kept = dict(re.findall(r'name="(\w+)" value="([^"]*)"', refused.body))
        words = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", refused.body, re.DOTALL)
        assert words and html.unescape(words[1]) == WORDS
        assert (kept["key"], kept["contact"], kept["title"]) == (form["key"], "a@example.org", "A call")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', refused.body)
        assert token
        again = browser.send("/file/", form | {"csrfmiddlewaretoken": token[1]})
        assert again.status == 302
    assert Incident.objects.get().text == WORDS
