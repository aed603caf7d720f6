"""A real OpenID Connect provider, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from config.oidc import Provider
from tests.security.oidc_provider import CLIENT_ID, CLIENT_SECRET

PROJECT = Path(__file__).parent.parent.parent
Become = Callable[..., None]


@pytest.fixture
def provider(settings: Settings, tmp_path: Path) -> Iterator[Become]:
    """Settings as OIDC_ISSUER and its like make them; called with claims, it says who comes next."""
    file = tmp_path / "claims.json"
    command = [sys.executable, "-m", "tests.security.oidc_provider", str(file)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        made = Provider(process.stdout.readline().strip(), CLIENT_ID, CLIENT_SECRET, "Example ID")
        settings.SOCIALACCOUNT_PROVIDERS = made.to_allauth()
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy | {"form-action": ["'self'", made.origin]}}
        yield lambda **claims: file.write_text(json.dumps({"sub": "42"} | claims)) and None
        process.kill()
