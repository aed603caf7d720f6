import json

import pytest
from django.core.management import CommandError, call_command

from tests.builders import make_incident

pytestmark = pytest.mark.django_db


def test_a_file_is_profiled_as_one_line_of_json(tmp_path, capsys):
    file = tmp_path / "reports.csv"
    file.write_text("text,category\ntold,a\ntold,b\n", encoding="utf-8")
    call_command("profile", str(file), "--json")
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out)["conflicts"] == 1


def test_without_a_file_the_database_is_profiled_in_words(capsys):
    make_incident()
    call_command("profile")
    assert "database: 1 rows" in capsys.readouterr().out


def test_an_unreadable_file_exits_with_1(tmp_path):
    with pytest.raises(CommandError, match="cannot be opened") as caught:
        call_command("profile", str(tmp_path / "missing.csv"))
    assert caught.value.returncode == 1


def test_an_error_too_is_one_line_of_json_when_json_was_asked_for(tmp_path, capsys):
    with pytest.raises(CommandError):
        call_command("profile", str(tmp_path / "missing.csv"), "--json")
    assert "cannot be opened" in json.loads(capsys.readouterr().out)["error"]
