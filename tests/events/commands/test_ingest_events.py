"""`manage.py ingest_events`: files and standard input, right and wrong arguments."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from events.models import DeadLetter, Event, EventSource
from tests.events.streams import session

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(session(user)) + "\n" for user in ("alice", "bob")))
    return path


def run(*arguments, capsys):
    call_command("ingest_events", *map(str, arguments), "--json")
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return json.loads(out)


def test_a_file_becomes_records_of_a_new_source_and_once_more_changes_nothing(file, capsys):
    first = run(file, "--source", "sessions", capsys=capsys)
    assert (first["received"], first["stored"], first["source"]) == (2, 2, "sessions")
    again = run(file, "--source", "sessions", capsys=capsys)
    assert (again["stored"], again["duplicates"]) == (0, 2)
    assert EventSource.objects.get().name == "sessions"
    assert Event.objects.count() == 2


def test_equal_lines_of_another_file_are_other_events(file, tmp_path, capsys):
    other = tmp_path / "more.jsonl"
    other.write_text(file.read_text())
    run(file, "--source", "sessions", capsys=capsys)
    assert run(other, "--source", "sessions", capsys=capsys)["stored"] == 2


def test_standard_input_is_new_each_time_unless_it_is_named(file, capsys, monkeypatch):
    def piped(*more):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
        return run("-", "--source", "sessions", *more, capsys=capsys)

    assert piped()["stored"] == 2
    assert piped()["stored"] == 2
    assert piped("--stream-id", "night")["stored"] == 2
    assert piped("--stream-id", "night")["stored"] == 0


def test_counts_are_said_in_words(file, capsys):
    call_command("ingest_events", str(file), "--source", "sessions")
    assert "2 lines into sessions: 2 stored, 0 known already, 0 refused" in capsys.readouterr().out


def test_broken_lines_stop_nothing_and_a_file_of_nothing_else_exits_with_3(tmp_path, file, capsys):
    with file.open("a") as stream:
        stream.write('{"user": "al')
    assert run(file, "--source", "sessions", capsys=capsys)["refused"] == 1
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{nonsense\n{more\n")
    with pytest.raises(CommandError, match="every line was refused") as caught:
        call_command("ingest_events", str(broken), "--source", "sessions", "--format", "json")
    assert caught.value.returncode == 3
    assert DeadLetter.objects.count() == 3


def test_an_empty_file_is_nothing_to_do(tmp_path, capsys):
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    assert run(empty, "--source", "sessions", capsys=capsys)["received"] == 0


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["missing.jsonl", "--source", "x"], "cannot be read", 1),
        ([".", "--source", "x"], "cannot be read", 1),
        (["-", "--source", "Not A Name!"], "small letters", 2),
    ],
)
def test_wrong_arguments_say_what_to_do(arguments, words, code, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(CommandError, match=words) as caught:
        call_command("ingest_events", *arguments)
    assert caught.value.returncode == code
    assert not EventSource.objects.exists()


def test_lines_of_no_known_format_say_so(tmp_path):
    strange = tmp_path / "strange.bin"
    strange.write_bytes(b"\x00\x01\x02\n\x03\x04\n")
    with pytest.raises(CommandError, match="format"):
        call_command("ingest_events", str(strange), "--source", "x")
