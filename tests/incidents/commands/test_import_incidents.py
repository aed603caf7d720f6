import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "reports.csv"
        path.write_text(content, encoding="utf-8")
        return str(path)

    return write


def test_json_is_exactly_one_line_and_all_else_goes_to_stderr(file, capsys):
    call_command("import_incidents", file("text,category\ntold,a\ntold again,b\n,c\n"), "--create-labels", "--json")
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    result = json.loads(out)
    assert (result["taken"], result["refused"], result["labels_created"]["paths"]) == (2, 1, 2)
    assert "line 4: The text is empty" in err


def test_without_json_the_counts_are_said_in_words(file, capsys):
    call_command("import_incidents", file("text\ntold\ntold\n"))
    assert "2 rows: 1 taken, 1 merged, 0 refused, 0 unchanged" in capsys.readouterr().out


def test_an_unreadable_file_exits_with_1_and_says_why(tmp_path):
    with pytest.raises(CommandError, match="cannot be opened") as caught:
        call_command("import_incidents", str(tmp_path / "missing.csv"))
    assert caught.value.returncode == 1


def test_a_file_of_which_every_row_is_refused_exits_with_3(file, capsys):
    with pytest.raises(CommandError, match="every row was refused") as caught:
        call_command("import_incidents", file("text,category\ntold,No such label\n"), "--json")
    assert caught.value.returncode == 3
    assert json.loads(capsys.readouterr().out)["refused"] == 1
    assert not Incident.objects.exists()


def test_refused_lines_are_written_to_a_file(file, tmp_path):
    refused = tmp_path / "refused.csv"
    call_command("import_incidents", file("text,category\ntold,Lacking\nfine,\n"), "--refused", str(refused))
    assert refused.read_text(encoding="utf-8").startswith("line,reason\n2,")


def test_a_place_for_refused_lines_that_cannot_be_written_stops_before_the_work(file, tmp_path):
    with pytest.raises(CommandError, match="--refused") as caught:
        call_command("import_incidents", file("text\ntold\n"), "--refused", str(tmp_path / "no" / "folder.csv"))
    assert caught.value.returncode == 2
    assert not Incident.objects.exists()


def test_an_error_too_is_one_line_of_json_when_json_was_asked_for(tmp_path, capsys):
    with pytest.raises(CommandError):
        call_command("import_incidents", str(tmp_path / "missing.csv"), "--json")
    assert "cannot be opened" in json.loads(capsys.readouterr().out)["error"]


def test_a_place_for_refused_lines_that_cannot_be_written_is_told_as_json_too(file, tmp_path, capsys):
    with pytest.raises(CommandError) as caught:
        call_command("import_incidents", file("text\ntold\n"), "--refused", str(tmp_path / "no" / "file"), "--json")
    assert caught.value.returncode == 2
    assert "--refused" in json.loads(capsys.readouterr().out)["error"]


def test_the_imported_file_is_no_place_for_refused_lines(file):
    reports = file("text\ntold\n")
    with pytest.raises(CommandError, match="overwritten") as caught:
        call_command("import_incidents", reports, "--refused", reports)
    assert caught.value.returncode == 2
    assert Path(reports).read_text(encoding="utf-8") == "text\ntold\n"
