"""Files made to fill memory or disk: a message within seconds, in little memory, and nothing stays."""

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from incidents.services.import_rows import BadRow, read_rows

MOST_GROWTH = 60_000  # KiB that reading may add to a process, whatever the file is
MEASURE = """
    import resource, sys, django
    django.setup()
    from pathlib import Path
    from incidents.services.import_lines import FileUnreadable
    from incidents.services.import_rows import BadRow, read_rows
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken, refused, told = 0, 0, ""
    try:
        for row in read_rows(Path(sys.argv[1])):
            refused += isinstance(row, BadRow)
            taken += not isinstance(row, BadRow)
    except FileUnreadable as error:
        told = str(error)
    import json
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"taken": taken, "refused": refused, "told": told, "grew": after - before}))
"""
HEAD = b"text,category\n"


def _sparse(file: Path, size: int) -> None:
    with file.open("wb") as stream:
        stream.write(HEAD)
        stream.truncate(size)


BOMBS = {
    "a gigabyte of holes": lambda file: _sparse(file, 1 << 30),
    "a cell of 100 MB": lambda file: file.write_bytes(HEAD + b"a" * 100_000_000),
    "an open quote and 100 MB": lambda file: file.write_bytes(HEAD + b'"' + b"a" * 99_999 + b"\n" * 2_000_000),
    "a million columns": lambda file: file.write_bytes(b"text," * 1_000_000 + b"\n"),
    "as many columns as fit a line": lambda file: file.write_bytes(b"text," + b"a," * 400_000 + b"\n1,2\n"),
    "ten million empty rows": lambda file: file.write_bytes(HEAD + b"\n" * 10_000_000),
}


def read(file: Path, tmp_path: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEASURE), str(file)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"DJANGO_SETTINGS_MODULE": "config.settings", "CASELOOP_HOME": str(tmp_path / "home"), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.long
@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_is_a_bomb_is_read_or_refused_in_little_memory(tmp_path, name):
    file = tmp_path / "bomb.csv"
    BOMBS[name](file)
    result = read(file, tmp_path)
    assert result["grew"] < MOST_GROWTH, result
    assert result["taken"] == 0
    assert result["told"] or result["refused"] or name == "ten million empty rows", result


def test_a_header_of_very_many_columns_takes_no_longer_than_it_is_long(tmp_path):
    """To count each column among all others took hours of a web process."""
    file = tmp_path / "wide.csv"
    file.write_bytes(b"text," + b"a," * 400_000 + b"\n1,2\n")
    began = time.process_time()
    assert [row.reason for row in read_rows(file) if isinstance(row, BadRow)]
    assert time.process_time() - began < 20
