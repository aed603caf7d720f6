import csv
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from tests.events.builders import make_detection, make_entity, make_events, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    source = make_source("web", numbers=["bytes"])
    make_events(source, np.ones((3, 1)), ["bytes"])
    make_detection(make_entity(source))
    return source


def test_events_are_written_to_a_file(source, tmp_path, capsys):
    file = tmp_path / "events.csv"
    call_command("export_events", source="web", output=str(file), json=True)
    with file.open(newline="") as stream:
        assert [row["bytes"] for row in csv.DictReader(stream)] == ["1"] * 3
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["format"], told["source"]) == (3, "csv", "web")


def test_findings_go_to_stdout_and_words_to_stderr(source, capfd):
    call_command("export_events", source="web", format="ocsf", output="-")
    out, err = capfd.readouterr()
    assert [json.loads(line)["class_uid"] for line in out.splitlines()] == [2004]
    assert "1 detections written" in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"source": "none"}, "no such source"),
        ({"from": "yesterday"}, "from"),
        ({"output": "-", "json": True}, "--output FILE"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(source, tmp_path, options, words):
    with pytest.raises(CommandError, match=words) as caught:
        call_command("export_events", **{"output": str(tmp_path / "out"), **options})
    assert caught.value.returncode == 2
    assert not (tmp_path / "out").exists()


def test_a_file_that_cannot_be_written_exits_with_1(source, tmp_path):
    with pytest.raises(CommandError, match="cannot be written") as caught:
        call_command("export_events", output=str(tmp_path / "none" / "out.csv"))
    assert caught.value.returncode == 1
