"""Commands run in this process, and as the real processes that a script would start."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from tests.classifier.services.conftest import champion, home  # noqa: F401 - fixtures
from tests.workers.conftest import database_url


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


def run(name: str, *arguments: object) -> Ran:
    """A command in this process. For the streams of the operating system see `process`."""
    out, err = StringIO(), StringIO()
    try:
        call_command(name, *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        return Ran(error.returncode, out.getvalue(), f"{err.getvalue()}{error}")
    return Ran(0, out.getvalue(), err.getvalue())


@pytest.fixture
def start(transactional_db: None, home: Path) -> Callable[..., "subprocess.Popen[str]"]:  # noqa: F811
    """Starts `manage.py` on the test database; no broker is there."""

    def start(*arguments: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=django_settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": database_url(), "CASELOOP_HOME": str(home), "BROKER_URL": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
