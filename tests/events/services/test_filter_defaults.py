"""The set that ships: the reference's fourteen phrases, which nobody can smuggle in."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from events.filters import default_filters
from events.models import Filter
from events.services.filter_defaults import ensure_default_filters
from events.services.filters import look_again, rule_set
from events.stream.formats import open_reader

pytestmark = pytest.mark.django_db
PHRASES = [one.name.removeprefix("Not a threat: ") for one in default_filters()]


@pytest.fixture(autouse=True)
def _anew() -> None:
    look_again()


def dropped(message: Any, **fields: Any) -> bool:
    return rule_set().first({"message": message, **fields}, "any") is not None


def test_all_fourteen_are_there_after_the_migrations_and_in_force() -> None:
    rows = Filter.objects.filter(origin="default")
    assert (rows.count(), len(PHRASES)) == (14, 14)
    assert all(row.enabled and row.kind == "filter" and row.reason for row in rows)


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_message_that_is_the_phrase_is_dropped(phrase: str) -> None:
    assert dropped(phrase)
    assert dropped(f"{phrase.capitalize()}.")
    assert dropped(phrase.upper())


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_message_that_holds_the_phrase_is_not(phrase: str) -> None:
    smuggled = [
        f"{phrase}; rm -rf /", f"evil {phrase}", f"{phrase}..", f"{phrase}\nevil", f"{phrase} ", f"{phrase}.\x00",
        f"{phrase}*", f"ｘ{phrase}",
    ]  # fmt: skip
    assert not any(dropped(message) for message in smuggled)


@pytest.mark.parametrize(
    "message",
    [
        "User session ended abruptly.",
        "mimikatz heartbeat message",
        "heartbeat message: lsass dumped",
        "User logged in and accessed files.",
        "",
    ],
)
def test_what_the_reference_lost_is_seen(message: str) -> None:
    assert not dropped(message)


def test_a_success_after_brute_force_and_the_reading_of_sensitive_files_are_seen() -> None:
    assert dropped("Login successful.", failed_login_attempts=1, access_sensitive_files=0)
    assert not dropped("Login successful.", failed_login_attempts=14)
    assert not dropped("File opened.", access_sensitive_files=1)


HEADER = (
    "user_id,login_attempts,failed_login_attempts,session_duration,data_transferred,access_sensitive_files,log_text"
)


def read(name: str, line: str, header: str = "") -> dict[str, Any]:
    reading = open_reader(name, header=header).read(line.encode())
    assert reading is not None
    return reading.fields


@pytest.mark.parametrize("rest", ['"evil"', '{"evil": 1}', "null", "[1]"])
def test_the_phrase_among_other_messages_is_no_whole_message(rest: str) -> None:
    assert rule_set().first(read("json", f'{{"message": ["heartbeat message", {rest}]}}'), "any") is None


def test_the_sessions_of_the_reference_are_met_by_their_text_and_numbers() -> None:
    assert rule_set().first(read("reference", "1,5,1,30,100,0,User logged in.", HEADER), "any")
    assert not rule_set().first(read("reference", "1,5,9,30,100,0,User logged in.", HEADER), "any")
    assert not rule_set().first(read("reference", "1,5,1,30,100,1,User logged in.", HEADER), "any")
    assert not rule_set().first(read("reference", "1,5,1,30,100,0,User logged in and accessed files.", HEADER), "any")


def test_the_words_in_another_field_count_for_nothing() -> None:
    assert rule_set().first({"comment": "heartbeat message"}, "any") is None


def test_putting_them_there_again_adds_nothing_and_leaves_changes() -> None:
    Filter.objects.filter(origin="default").update(enabled=False)
    ensure_default_filters(Filter)
    assert Filter.objects.filter(origin="default", enabled=False).count() == Filter.objects.count() == 14


def test_the_migration_can_be_taken_back_and_repeated() -> None:
    migration = import_module("events.migrations.0002_default_filters")
    migration.remove(apps, None)
    assert not Filter.objects.filter(origin="default").exists()
    migration.add(apps, None)
    assert Filter.objects.filter(origin="default", enabled=True).count() == 14
