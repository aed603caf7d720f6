import io
from pathlib import Path

import pytest

from events.models import TrainingExample
from tests.classifier.commands.conftest import run
from tests.events.services.threats import as_lines, pairs

pytestmark = pytest.mark.django_db


def written(folder: Path, *lines: bytes) -> Path:
    file = folder / "examples.jsonl"
    file.write_bytes(b"".join(lines))
    return file


def test_a_file_is_imported_and_told_in_a_sentence(tmp_path: Path) -> None:
    ran = run("import_examples", written(tmp_path, *as_lines(pairs(hosts=2))))
    assert (ran.code, ran.out.strip()) == (0, "12 lines: 12 examples added, 0 there already, 0 refused.")
    assert TrainingExample.objects.count() == 12


def test_standard_input_is_read_and_the_result_is_one_line_of_json(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = as_lines(pairs(hosts=1))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"".join([*lines, *lines]))))
    assert run("import_examples", "-", "--json").json == {"lines": 12, "added": 6, "duplicates": 6, "refused": 0}


def test_refused_lines_are_listed_and_the_others_taken(tmp_path: Path) -> None:
    ran = run("import_examples", written(tmp_path, b"{\n", *as_lines(pairs(hosts=1)), b'{"prompt": "x"}'))
    assert ran.code == 0 and TrainingExample.objects.count() == 6
    assert "line 1: it is no JSON" in ran.err and "line 8: it lacks" in ran.err


def test_a_line_of_ten_megabytes_costs_one_line(tmp_path: Path) -> None:
    ran = run("import_examples", written(tmp_path, b'{"prompt": "' + b"x" * 10**7 + b'"}\n', *as_lines(pairs(hosts=1))))
    assert "line 1: it is no JSON" in ran.err and "7 lines: 6 examples added" in ran.out


def test_it_is_refused_when_every_line_was(tmp_path: Path) -> None:
    ran = run("import_examples", written(tmp_path, b"no\n" * 30))
    assert ran.code == 3 and "every line was refused" in ran.err and "... and 10 more refused lines" in ran.err


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    ran = run("import_examples", tmp_path / "none.jsonl")
    assert ran.code == 1 and "cannot be read: No such file or directory" in ran.err
