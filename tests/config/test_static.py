"""Static files are collected when something changed, and only then."""

from pathlib import Path

import pytest
from pytest_django import Settings

from config import static


@pytest.fixture(autouse=True)
def one_file(settings: Settings, tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    file = source / "site.css"
    file.write_text("a { color: black }")
    return file


def test_a_second_time_nothing_is_done() -> None:
    assert static.collect()
    assert not static.collect()


def test_a_changed_file_is_collected_again(one_file: Path, tmp_path: Path) -> None:
    static.collect()
    one_file.write_text("a { color: white; }")
    assert static.collect()
    assert (tmp_path / "collected" / "site.css").read_text() == "a { color: white; }"


def test_a_new_file_is_collected(one_file: Path) -> None:
    static.collect()
    one_file.with_name("new.css").touch()
    assert static.collect()
