"""Where sockets lie."""

import shutil
from pathlib import Path

import pytest

from workers import sockets
from workers.sockets import NoSocketFolder, socket_folder


def test_a_short_path_is_used_as_it_is_and_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = socket_folder(Path("run"), "redis.sock")
    assert folder == Path("run")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_path_over_100_bytes_moves_to_a_private_temporary_folder(tmp_path: Path) -> None:
    folder = socket_folder(tmp_path / ("é" * 60), "redis.sock")
    try:
        assert folder.name.startswith("caseloop-")
        assert len(bytes(folder / "redis.sock")) <= 100
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(folder)


def test_a_long_temporary_folder_is_passed_over_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("t" * 90)
    long.mkdir()
    monkeypatch.setattr(sockets.tempfile, "tempdir", str(long))
    folder = socket_folder(tmp_path / ("r" * 90), "redis.sock")
    try:
        assert folder.parent == Path("/tmp")
    finally:
        shutil.rmtree(folder)


def test_a_name_that_fits_nowhere_says_what_to_change(tmp_path: Path) -> None:
    with pytest.raises(NoSocketFolder, match="CASELOOP_HOME"):
        socket_folder(tmp_path, "s" * 101)
