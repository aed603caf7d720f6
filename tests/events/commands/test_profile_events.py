import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from events.services import detectors
from tests.events.builders import make_detection, make_entity, make_events, make_source
from tests.events.filter_rows import make_filter
from tests.events.services.detector_rows import NAMES, numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "events.log"
    path.write_text('{"user.name": "asha", "bytes": 5}\n{"user.name": "ben"}\n{"cut\n', encoding="utf-8")
    return path


def test_a_file_is_profiled_as_one_line_of_json(file, capsys):
    call_command("profile_events", str(file), json=True)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    told = json.loads(out)
    assert (told["events"], told["refused"], told["filters"]) == (2, 1, None)


def test_a_file_is_profiled_in_words(file, capsys):
    call_command("profile_events", str(file))
    out = capsys.readouterr().out
    assert "2 events, 1 lines refused" in out
    assert "bytes: number, missing 50.0%" in out


def test_a_source_is_told_with_filters_and_detections(capsys):
    detectors.forget()
    source = make_source("web")
    entity = make_entity(source)
    make_events(source, numbers(300), NAMES, entity=entity)
    make_events(source, np.zeros((9, 3)), NAMES, entity=entity, decision="filtered", filter=make_filter(name="Quiet"))
    for _ in range(5):
        make_detection(make_entity(source), "rule: Brute force", template="Failed password for <*>")
    call_command("profile_events", source="web")
    out = capsys.readouterr().out
    assert "9 of the newest 309 events were dropped" in out
    assert "9 of 9 looked at again are not above the detector's threshold: 100.0% (70.1% to 100.0%)" in out
    assert "5   100%  Failed password for <*>" in out


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"source": "none"}, 2, "no such source"),
        ({}, 2, "one of the two"),
        ({"file": "/none/such.log"}, 1, "cannot be read"),
    ],
)
def test_what_cannot_be_meant_ends_with_a_sentence(options, code, words):
    with pytest.raises(CommandError, match=words) as caught:
        call_command("profile_events", *filter(None, [options.pop("file", "")]), **options)
    assert caught.value.returncode == code
