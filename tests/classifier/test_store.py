"""Artefacts in a storage that machines share: a folder, and S3 by its real protocol."""

import itertools
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from classifier import registry, store
from classifier.ml.artifact import MANIFEST, ArtifactCorrupt, ArtifactMissing, open_artifact, read_manifest
from classifier.models import ModelVersion
from classifier.services.training import request_training
from config import env
from tests.classifier.services.conftest import decide_reports, home, run_to_end  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
TEXT = "caller bank code otp"


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that failed a test before is asked again at once."""
    monkeypatch.setattr(store, "_away_until", 0.0)


@pytest.fixture
def shelf(home: Path, tmp_path_factory: pytest.TempPathFactory, settings: Any, monkeypatch: Any) -> Path:  # noqa: F811
    folder = tmp_path_factory.mktemp("shelf")
    monkeypatch.setenv("MODELS_STORAGE", f"file://{folder}")
    settings.STORAGES = settings.STORAGES | {"models": env.storage("MODELS_STORAGE")}
    return folder


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}"
        for _ in range(150):
            try:
                urllib.request.urlopen(address, timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield address
        server.terminate()


@pytest.fixture
def bucket(home: Path, s3_server: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:  # noqa: F811
    import boto3  # of the optional requirements

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    name = f"models-{time.monotonic_ns()}"
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1").create_bucket(Bucket=name)
    monkeypatch.setenv("MODELS_STORAGE", f"s3://{name}/caseloop?endpoint={s3_server}&region=us-east-1")
    settings.STORAGES = settings.STORAGES | {"models": env.storage("MODELS_STORAGE")}
    return name


def trained() -> ModelVersion:
    decide_reports()
    return run_to_end(request_training(base_model="none")).version


def forget_here(version: ModelVersion) -> None:
    """As on another machine."""
    shutil.rmtree(store.here(version.folder))
    registry._loaded.clear()


def test_without_a_shared_storage_the_folder_is_the_store(home: Path) -> None:  # noqa: F811
    version = trained()
    assert store.shared() is None and version.artefact == home / "models" / version.folder
    shutil.rmtree(version.artefact)
    assert "train or restore the version" in version.artefact_error


@pytest.mark.parametrize("kind", ["shelf", "bucket"])
def test_another_machine_fetches_verifies_and_serves_it(request: pytest.FixtureRequest, kind: str) -> None:
    request.getfixturevalue(kind)
    version = trained()
    said = registry.load(version).classify_batch([TEXT])[0]
    forget_here(version)
    assert version.artefact_error == "", "pages read the manifest alone"
    assert not store.here(version.folder).exists()
    again = registry.load(version).classify_batch([TEXT])[0]
    assert again.decided == said.decided and (again.probabilities == said.probabilities).all()
    open_artifact(store.here(version.folder), "classifier")
    assert not [path.name for path in store.here(version.folder).parent.iterdir() if path.name.endswith(".fetching")]


@pytest.mark.parametrize("kind", ["shelf", "bucket"])
def test_what_is_removed_is_gone_everywhere(request: pytest.FixtureRequest, kind: str) -> None:
    request.getfixturevalue(kind)
    version = trained()
    forget_here(version)
    store.remove(version.folder)
    assert "is not there" in version.artefact_error
    with pytest.raises(ArtifactMissing):
        registry.load(version)


@pytest.mark.parametrize("kind", ["shelf", "bucket"])
def test_what_was_half_removed_goes_when_another_machine_tries_again(
    request: pytest.FixtureRequest, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request.getfixturevalue(kind)
    version = trained()
    storage, names = store.shared(), [MANIFEST, *read_manifest(version.artefact).files]
    assert storage is not None and all(storage.exists(f"{version.folder}/{name}") for name in names)
    with monkeypatch.context() as broken, pytest.raises(store.ArtifactUnreachable):
        broken.setattr(storage, "delete", _fails_at_the_second(storage.delete))
        store.remove(version.folder)
    monkeypatch.setattr(store, "_away_until", 0.0)  # some seconds later
    forget_here(version)
    shutil.rmtree(store.models_folder() / store.MANIFESTS, ignore_errors=True)
    store.remove(version.folder)
    assert not any(storage.exists(f"{version.folder}/{name}") for name in names)


def _fails_at_the_second(delete: Callable[[str], None]) -> Callable[[str], None]:
    calls = itertools.count()

    def failing(name: str) -> None:
        if next(calls):
            raise ConnectionError("the bucket is away")
        delete(name)

    return failing


def test_a_file_that_was_changed_in_the_store_is_refused_and_nothing_is_left(shelf: Path) -> None:
    version = trained()
    forget_here(version)
    changed = next(path for path in (shelf / version.folder).rglob("*") if path.is_file() and path.name != MANIFEST)
    changed.write_bytes(changed.read_bytes() + b"x")
    with pytest.raises(ArtifactCorrupt):
        registry.load(version)
    assert not store.here(version.folder).exists()


def test_a_manifest_that_names_a_file_outside_is_refused(shelf: Path) -> None:
    version = trained()
    forget_here(version)
    manifest = shelf / version.folder / MANIFEST
    told = json.loads(manifest.read_text())
    told["files"]["../../outside"] = "0" * 64
    manifest.write_text(json.dumps(told))
    with pytest.raises(ArtifactCorrupt, match="outside"):
        registry.load(version)


def test_publishing_again_after_a_failure_writes_the_same_files(shelf: Path) -> None:
    version = trained()
    before = sorted(path.name for path in (shelf / version.folder).rglob("*"))
    store.publish(version.folder)
    assert sorted(path.name for path in (shelf / version.folder).rglob("*")) == before
