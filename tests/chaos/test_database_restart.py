"""PostgreSQL dies and comes back under load: pages say so meanwhile, nothing accepted is lost, workers carry on."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.chaos.browser import Browser
from tests.chaos.installation import free_port, serving, site_environment
from tests.chaos.own_postgres import OwnPostgres, own_postgres
from tests.conftest import RedisServer
from tests.workers.conftest import Program, wait_for
from workers import supervisor

pytestmark = [pytest.mark.chaos, pytest.mark.long]

BACK_SECONDS = 60


@pytest.fixture
def server() -> Iterator[OwnPostgres]:
    with own_postgres() as started:
        yield started


def manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def count(server: OwnPostgres, query: str) -> int:
    with psycopg.connect(server.url) as database:
        row = database.execute(query).fetchone()  # type: ignore[call-overload]
    return int(row[0])


def file(browser: Browser, number: int) -> tuple[int, str]:
    """The status, and what the page said."""
    form = browser.filing_form() | {"title": "A call", "text": f"A caller asked for the otp code, number {number}."}
    answer = browser.send("/file/", form)
    return answer.status, answer.body


def test_reports_accepted_before_between_and_after_two_crashes_of_the_server_are_all_classified(
    server: OwnPostgres, redis_server: RedisServer, tmp_path: Path
) -> None:
    environment = site_environment(tmp_path, server.url, redis_server.url, free_port())
    manage(environment, "migrate", "--verbosity=0")
    manage(environment, "seed_demo", "--reports=200")
    manage(environment, "train", "--base-model=none")
    programs = {one.name: one for one in supervisor.programs(sys.executable, port=0, cores=1)}
    arguments = [programs[name].command[1:] for name in ("inference", "sweeper")]
    started = [Program(list(one), environment, tmp_path / "programs.log") for one in arguments]
    try:
        with serving(tmp_path, database=server.url, broker_address=redis_server.url) as browser:
            accepted = 0
            for crash in range(2):
                for number in range(10):
                    assert file(browser, 100 * crash + number)[0] == 302
                    accepted += 1
                server.crash()
                away = browser.get("/healthz")
                told = browser.get("/")
                assert (away.status, told.status) == (503, 503)
                assert "The database does not answer" in told.body
                time.sleep(2)
                server.start()
                wait_for(lambda: browser.get("/healthz").status == 200, BACK_SECONDS)
            assert file(browser, 999)[0] == 302
            accepted += 1
            filed = "FROM incidents_incident WHERE source = 'web'"
            assert count(server, f"SELECT count(*) {filed}") == accepted
            wait_for(lambda: count(server, f"SELECT count(*) {filed} AND status = 'new'") == 0, 180)
        twice = "SELECT count(*) FROM (SELECT 1 FROM classifier_prediction GROUP BY text_revision_id, version_id"
        assert count(server, f"{twice} HAVING count(*) > 1) AS again") == 0
        assert all(program.process.poll() is None for program in started)
    finally:
        for program in started:
            program.kill()
