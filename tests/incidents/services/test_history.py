"""A report's story."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from incidents.services import history, snoozing
from incidents.services.history import Happened, events_of
from tests.builders import make_incident, make_user

ROOT = Path(__file__).resolve().parents[3]
KIND = re.compile(r"\"(incident\.[a-z]+(?:_[a-z]+)*)\"")
NO_KIND = {"incident.pk", "incident.title", "incident.status"}  # names of columns


def test_every_kind_of_event_is_told_in_words_or_elsewhere() -> None:
    files = [path for folder in ("incidents", "classifier", "events") for path in (ROOT / folder).rglob("*.py")]
    kinds = {kind for path in files if "migrations" not in path.parts for kind in KIND.findall(path.read_text())}
    assert len(kinds) > 10
    assert kinds - NO_KIND - history._TOLD_ELSEWHERE - set(history._WORDS) == set()


@pytest.mark.django_db
def test_what_the_desk_says_itself_is_told_in_the_language_of_the_page() -> None:
    incident = make_incident()
    snoozing.snooze(incident, by=make_user(role="analyst"), until=None, for_answer=True)
    snoozing.wake(incident, reason="The reporter has answered")
    with translation.override("de"):
        told = [
            (one.what, one.detail) for one in history.history(incident, Happened((), (), (), (), events_of(incident)))
        ]
    assert not any("Snoozed" in what or "has answered" in detail for what, detail in told)
