"""`manage.py check --deploy` with what docs/security.md says for production: no warning."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PRODUCTION = {"PUBLIC_URL": "https://cases.example.org", "BROKER_URL": "redis://redis:6379/0", "HSTS": "host"}
PROGRAM = """
from django.conf import settings
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,
      settings.SECURE_HSTS_SECONDS // 86400, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD)
"""


def run(home: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    clean |= {"CASELOOP_HOME": str(home), "DJANGO_SETTINGS_MODULE": "config.settings"} | environment
    return subprocess.run([sys.executable, *command], env=clean, capture_output=True, text=True, check=False)


def deployed(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(home, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)


@pytest.mark.parametrize("hsts", ["host", "preload"])
def test_production_has_no_warning(tmp_path: Path, hsts: str) -> None:
    done = deployed(tmp_path, **PRODUCTION | {"HSTS": hsts})
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"HSTS": ""}, "security.W005"),
        ({"MFA_FOR_ADMINS": "false"}, "caseloop.W001"),
        ({"BROKER_URL": "amqp://rabbit//"}, "caseloop.W002"),
        ({"PUBLIC_URL": "http://cases.example.org"}, "security.W012"),
    ],
)
def test_what_weakens_it_is_said(tmp_path: Path, change: dict[str, str], warning: str) -> None:
    done = deployed(tmp_path, **PRODUCTION | change)
    assert done.returncode == 1 and warning in done.stderr


@pytest.mark.parametrize(
    ("hsts", "expected"),
    [("host", "30 False False"), ("subdomains", "30 True False"), ("preload", "365 True True")],
)
def test_others_hosts_of_a_domain_are_bound_by_a_decision_alone(tmp_path: Path, hsts: str, expected: str) -> None:
    done = run(tmp_path, "-c", PROGRAM, **PRODUCTION | {"HSTS": hsts})
    assert done.stdout.strip() == f"__Host-sessionid True True {expected}"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"HSTS": "yes"}, "write host, subdomains, preload"),
        ({"TRUSTED_PROXIES": "all"}, "write a whole number"),
        ({"OIDC_ISSUER": "https://id.example"}, "needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"),
        ({"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"}, "https"),
        ({"SESSION_DAYS": "0"}, "write a whole number from 1 to 90"),
    ],
)
def test_nonsense_is_refused_with_what_to_write(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    done = run(tmp_path, "manage.py", "check", **PRODUCTION | environment)
    assert done.returncode == 1 and words in done.stderr
