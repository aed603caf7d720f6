"""The composed installation, as far as it can be checked without building it."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import not_here

PROJECT = Path(__file__).resolve().parents[2]
SECRETS = {"SECRET_KEY": "a-key", "POSTGRES_PASSWORD": "a-password"}
ASKED = {"web", "inference", "desk", "analysis", "events", "training", "sweeper", "postgres", "redis", "migrate"}
GPU = {"gpu-inference", "gpu-training"}


def compose(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("docker-compose")
    if program is None:
        not_here("docker-compose is not installed (Debian: apt-get install docker-compose)")
    command = [program, "--file", str(PROJECT / "docker-compose.yml"), *arguments, "config"]
    return subprocess.run(command, env={"PATH": "/usr/bin:/bin"} | environ, capture_output=True, text=True)


def services(*arguments: str) -> dict[str, Any]:
    done = compose(SECRETS, *arguments)
    assert done.returncode == 0, done.stderr
    return dict(yaml.safe_load(done.stdout)["services"])


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_secret_has_a_default(name: str) -> None:
    done = compose({key: value for key, value in SECRETS.items() if key != name})
    assert done.returncode != 0
    assert f"write {name} into .env" in done.stderr


def test_every_service_is_there_and_only_those_of_the_gpu_wait_for_their_profile() -> None:
    found = services("--profile", "gpu")
    assert set(found) == ASKED | GPU
    assert {name for name, service in found.items() if service.get("profiles") == ["gpu"]} == GPU


def test_nothing_starts_before_what_it_needs() -> None:
    found = services("--profile", "gpu")
    assert found["web"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    for name in {"inference", "desk", "analysis", "events", "training", "sweeper"} | GPU:
        conditions = {need: how["condition"] for need, how in found[name]["depends_on"].items()}
        assert conditions == dict.fromkeys(("postgres", "redis", "web"), "service_healthy"), name


def test_only_the_web_has_a_port_and_only_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000/tcp"]}


def test_processes_of_ours_share_the_artefacts_and_hold_no_privileges() -> None:
    for name, service in services("--profile", "gpu").items():
        if name not in {"postgres", "redis"}:
            assert service["volumes"] == ["home:/var/lib/caseloop:rw"], name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name


def test_each_built_target_is_a_stage_that_ends_as_an_ordinary_user() -> None:
    stages = stages_of((PROJECT / "Dockerfile").read_text())
    targets = {service["build"]["target"] for service in services("--profile", "gpu").values() if "build" in service}
    assert targets == {"web", "worker", "worker-cuda"}
    for target in targets:
        lines = lineage(target, stages)
        assert [line for line in lines if line.startswith("USER ")][-1] == "USER caseloop", target
        assert any(line.startswith("HEALTHCHECK ") for line in lines), target


def test_the_web_image_holds_no_torch() -> None:
    stages = stages_of((PROJECT / "Dockerfile").read_text())
    copied = [line for line in lineage("web", stages) if "--from=" in line]
    assert copied == ["COPY --from=web-packages /opt/venv /opt/venv"]
    assert not any("model.txt" in line for line in lineage("web-packages", stages))


def test_what_the_images_copy_is_in_the_build_context() -> None:
    allowed = {line[1:].rstrip("/") for line in (PROJECT / ".dockerignore").read_text().splitlines() if line[0] == "!"}
    sources = re.findall(r"^COPY (?!--from)(\S+)", (PROJECT / "Dockerfile").read_text(), flags=re.MULTILINE)
    for source in sources:
        assert (PROJECT / source).exists(), source
        assert source.split("/")[0] in allowed, source


def stages_of(dockerfile: str) -> dict[str, tuple[str, list[str]]]:
    """Stage name -> (what it starts from, its instructions with continued lines joined)."""
    stages: dict[str, tuple[str, list[str]]] = {}
    for line in dockerfile.replace("\\\n", " ").splitlines():
        if match := re.match(r"FROM (\S+) AS (\S+)", line):
            stages[match[2]] = (match[1], [])
        elif line and not line.startswith("#"):
            stages[list(stages)[-1]][1].append(line)
    return stages


def lineage(stage: str, stages: dict[str, tuple[str, list[str]]]) -> list[str]:
    """The instructions of a stage after those of the stages that it starts from."""
    if stage not in stages:
        return []
    base, lines = stages[stage]
    return lineage(base, stages) + lines
