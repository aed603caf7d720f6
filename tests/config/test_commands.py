"""What every command for scripts keeps to, tried on all of them."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from classifier.management.commands import classify, evaluate, promote, rollback, train
from config.commands import JsonCommand
from incidents.management.commands import import_incidents, profile

COMMANDS = [classify, evaluate, import_incidents, profile, promote, rollback, train]
ON_A_NEW_DATABASE = {
    "import_incidents": ["{file}"],
    "profile": ["{file}"],
    "train": ["--base-model", "none"],
    "evaluate": ["--file", "{file}"],
    "classify": ["--file", "{file}", "--output", "{file}.out"],
    "promote": ["v1", "--by", "admin"],
    "rollback": ["--by", "admin"],
}


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "reports.csv"
    path.write_text("text,category\nmy money is gone,Fraud\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("module", COMMANDS)
def test_wrong_arguments_end_with_2_and_one_line_of_json(module, capsys):
    name = module.__name__.rpartition(".")[2]
    with pytest.raises(SystemExit) as ended:
        module.Command().run_from_argv(["manage.py", name, "--no-such-option", "--json"])
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert out.count("\n") == 1
    assert json.loads(out)["error"]
    assert "usage:" in err


def test_wrong_arguments_without_json_leave_stdout_alone(capsys):
    with pytest.raises(SystemExit):
        train.Command().run_from_argv(["manage.py", "train", "--epochs", "many"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ON_A_NEW_DATABASE)
def test_a_database_that_is_not_migrated_is_told_in_a_sentence_by_a_real_process(name, file, tmp_path):
    sqlite3.connect(tmp_path / "new.sqlite3").close()
    arguments = [argument.format(file=file) for argument in ON_A_NEW_DATABASE[name]]
    ran = subprocess.run(
        [sys.executable, "manage.py", name, *arguments, "--json"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3", "CASELOOP_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stdout.count("\n") == 1
    assert "migrate" in json.loads(ran.stdout)["error"]
    assert "Traceback" not in ran.stderr


class Unlucky(JsonCommand):
    """Meets what nobody foresaw, on a report whose text is nobody's business."""

    def work(self, **options):
        os.write(1, b"chatter of a library in C\n")
        raise KeyError("my money is gone")


@pytest.mark.parametrize("as_json", [False, True])
def test_what_nobody_foresaw_is_a_sentence_that_quotes_no_report(as_json, capfd):
    with pytest.raises(CommandError, match="KeyError") as caught:
        call_command(Unlucky(), json=as_json)
    assert caught.value.returncode == 1
    out, err = capfd.readouterr()
    assert "chatter" in err
    assert "money" not in f"{out}{caught.value}"
    assert (json.loads(out)["error"] if as_json else out) == (str(caught.value) if as_json else "")


def test_a_name_that_no_encoding_can_write_is_told_all_the_same(db, capsys):
    with pytest.raises(CommandError):
        call_command("profile", "gone\udcff.csv", "--json")
    assert "gone" in json.loads(capsys.readouterr().out)["error"]
