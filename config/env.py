"""Typed readers of environment variables. They raise on nonsense instead of guessing."""

import os
import secrets
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def boolean(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r}: write true or false")


def integer(name: str, default: int, *, minimum: int, maximum: int) -> int:
    value = text(name) or str(default)
    if not value.isdigit() or not minimum <= int(value) <= maximum:
        raise ImproperlyConfigured(f"{name}={value!r}: write a whole number from {minimum} to {maximum}")
    return int(value)


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def url(name: str, default: str) -> SplitResult:
    parts = urlsplit(text(name) or default)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name}={parts.geturl()!r}: write a full address such as https://cases.example.org")
    return parts


def secret(name: str, file: Path) -> str:
    """The secret from the environment, else from a file (0600) that is made once with a random one.

    There is no built-in default: a fresh installation gets a key of its own.
    """
    if value := text(name):
        return value
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _finished(name, file)
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_urlsafe(50))
    return file.read_text().strip()


def _finished(name: str, file: Path) -> str:
    value = file.read_text().strip()
    if not value:
        raise ImproperlyConfigured(f"{file} is empty: delete it to get a new key, or set {name}")
    return value
