"""From a fresh clone to the environment: what is checked, and what a failure says."""

import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from config import bootstrap
from config.steps import StepFailed


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two requirement files whose environment is still to be made."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements.txt").write_text("-r requirements/web.txt\n")
    (tmp_path / "requirements" / "web.txt").write_text("# nothing\n")
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return tmp_path


def test_a_port_in_use_is_refused_with_what_to_set() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(StepFailed, match="PORT=8001 make demo"):
            bootstrap.check_port(str(taken.getsockname()[1]))


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(StepFailed, match="from 1 to 65535"):
        bootstrap.check_port(port)


def test_too_little_room_is_refused_before_anything_is_downloaded(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda folder: SimpleNamespace(free=3 * bootstrap.GIB))
    with pytest.raises(StepFailed, match=r"3\.0 GiB are free .* 4 are needed"):
        bootstrap.check_disk(project)


def test_an_installed_environment_needs_little_room(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda folder: SimpleNamespace(free=3 * bootstrap.GIB))
    bootstrap.check_disk(project)


def test_another_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 13, 0))
    with pytest.raises(StepFailed, match=r"Python 3\.13; run this by Python 3\.11 or 3\.12"):
        bootstrap.check_python()


def test_a_broken_environment_is_made_again_and_a_working_one_is_kept(project: Path) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.write_text("not an interpreter")
    bootstrap.PYTHON.chmod(0o755)
    bootstrap.create_environment()
    assert subprocess.run([bootstrap.PYTHON, "-c", "pass"]).returncode == 0
    kept = project / ".venv" / "kept"
    kept.touch()
    bootstrap.create_environment()
    assert kept.exists()


def test_packages_are_installed_again_only_when_their_list_or_index_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "_run_pip", lambda command, log: calls.append(command) or 0)
    (project / ".venv").mkdir()
    for _ in range(2):
        bootstrap.install(["requirements.txt"])
    assert len(calls) == 1
    monkeypatch.setenv("TORCH_INDEX_URL", "https://wheels.example.org/cpu")
    bootstrap.install(["requirements.txt"])
    assert calls[-1][calls[-1].index("--extra-index-url") + 1] == "https://wheels.example.org/cpu"
    (project / "requirements" / "web.txt").write_text("django\n")
    bootstrap.install(["requirements.txt"])
    assert len(calls) == 3


def test_a_package_that_cannot_be_had_stops_with_what_to_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    (project / "requirements" / "web.txt").write_text("a-package-that-is-nowhere==1\n")
    bootstrap.create_environment()
    with pytest.raises(StepFailed, match="a-package-that-is-nowhere") as caught:
        bootstrap.install(["requirements.txt"])
    assert "Is the package index reachable?" in str(caught.value)
    assert not list((project / ".venv").glob("installed-*"))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  Downloading tokenizers-0.23.3-cp310-abi3-any.whl (3.4 MB)\n", "downloading tokenizers 0.23.3 (3.4 MB)"),
        (
            "Downloading https://a.example/b-c/torch-2.13.0%2Bcpu-cp311.whl (191.0 MB)\n",
            "downloading torch 2.13.0%2Bcpu (191.0 MB)",
        ),
        ("  Downloading idna-3.10-py3-none-any.whl (70 kB)\n", ""),
        ("Installing collected packages: a, b, c\n", "installing 3 packages"),
        ("Collecting idna\n", ""),
    ],
)
def test_the_larger_moments_of_the_installation_are_shown(line: str, shown: str) -> None:
    assert bootstrap._moment(line) == shown


def test_an_unknown_verb_prints_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["start"]) == 2
    assert "config.bootstrap demo" in capsys.readouterr().out


def test_a_failing_step_ends_without_a_traceback(tmp_path: Path) -> None:
    project = Path(bootstrap.__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "config.bootstrap", "demo"],
        cwd=project,
        env={"PORT": "70000", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Stopped: PORT='70000'" in done.stderr
    assert "Traceback" not in done.stderr
