"""What follows from the public address and from the database's."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import django
django.setup()
from django.test import Client, RequestFactory
behind = RequestFactory().get("/r/", headers={"host": "localhost", "x-forwarded-proto": "https"})
plain = Client(headers={"host": "localhost"})
proxied = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
print(behind.build_absolute_uri())
print(plain.get("/api/v1/x").status_code, plain.get("/healthz").status_code, proxied.get("/api/v1/x").status_code)
print(proxied.get("/api/v1/x").headers.get("Strict-Transport-Security"))
"""


def answers(home: Path, public_url: str) -> list[str]:
    environment = {**os.environ, "CASELOOP_HOME": str(home), "PUBLIC_URL": public_url, "DATABASE_URL": ""}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        ("https://cases.example.org", ["https://localhost/r/", "301 200 404", "max-age=2592000"]),
        ("http://localhost:8000", ["http://localhost/r/", "404 200 404", "None"]),
    ],
)
def test_https_is_believed_of_a_proxy_and_asked_for_only_where_it_is_the_public_address(
    tmp_path: Path, public_url: str, expected: list[str]
) -> None:
    assert answers(tmp_path, public_url) == expected


def test_what_the_address_of_the_database_says_goes_before_what_is_usual(tmp_path: Path) -> None:
    program = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    address = "postgres://caseloop@db.example.org/caseloop?connect_timeout=2&sslmode=verify-full"
    environment = {**os.environ, "CASELOOP_HOME": str(tmp_path), "DATABASE_URL": address}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == {
        "connect_timeout": 2,
        "sslmode": "verify-full",
        "options": "-c lock_timeout=20s",
    }
