"""Both web processes are killed at the same moment: the supervisor outlives it, and whoever asks meanwhile waits."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.browser import Browser
from tests.chaos.installation import Installation
from tests.workers.conftest import wait_for

pytestmark = pytest.mark.chaos


@pytest.fixture
def installation(transactional_db: None, caseloop_home: Path) -> Iterator[Installation]:
    with Installation(caseloop_home, ("web",)) as started:
        yield started


def test_without_a_web_process_requests_wait_for_the_next_one(installation: Installation) -> None:
    for _ in range(2):
        wait_for(lambda: len(installation.pids("web")) == 2, 60)
        parents = installation.pids("web")
        for parent in parents:
            os.kill(parent, signal.SIGKILL)  # its children hold the socket for a second more
        wait_for(lambda parents=parents: len(set(installation.pids("web")) - set(parents)) == 2, 60)
        assert Browser(installation.port).get("/healthz", timeout=60).status == 200
        assert installation.supervised.process.poll() is None
