"""Typed readers of environment variables. They raise on nonsense instead of guessing."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
MAIL_SCHEMES = {
    "smtp?": (587, "starttls"),
    "smtp?tls=true": (587, "starttls"),
    "smtp?tls=false": (587, "none"),
    "smtps?": (465, "tls"),
}


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


def choice(name: str, *offered: str) -> str:
    """One of the words, or the empty string where nothing is set."""
    value = text(name).lower()
    if value and value not in offered:
        raise ImproperlyConfigured(f"{name}={value!r}: write {', '.join(offered)}, or leave it out")
    return value


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def private_folder(name: str, default: Path) -> Path:
    """The folder; one that is not there yet is made for its owner alone (0700)."""
    path = folder(name, default)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def url(name: str, default: str) -> SplitResult:
    parts = urlsplit(text(name) or default)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name}={parts.geturl()!r}: write a full address such as https://cases.example.org")
    return parts


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in; no host means nowhere. `encryption` is tls, starttls or none."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    encryption: str = "none"


def mail_server(name: str) -> MailServer:
    """`smtp://user:password@host:587` (STARTTLS, unless `?tls=false`) or `smtps://...:465`. Never tells its value."""
    value = text(name)
    if not value:
        return MailServer()
    try:
        parts = urlsplit(value)
        if not parts.hostname:
            raise ValueError
        usual_port, encryption = MAIL_SCHEMES[f"{parts.scheme}?{parts.query}"]
        return MailServer(
            host=parts.hostname,
            port=parts.port or usual_port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            encryption=encryption,
        )
    except (KeyError, ValueError):
        example = "smtp://user:password@host:587 or smtps://user:password@host:465"
        raise ImproperlyConfigured(f"{name}: write {example}, special characters as %40") from None


@dataclass(frozen=True)
class WebhookHost:
    """A host that webhooks may call: its name, or `*.` and the domain of several; over http only where it says so."""

    scheme: str
    name: str
    port: int

    def allows(self, scheme: str, host: str, port: int) -> bool:
        domain = self.name.removeprefix("*")
        same = host.endswith(domain) if self.name.startswith("*.") else host == self.name
        return same and (scheme, port) == (self.scheme, self.port)


def storage(name: str) -> dict[str, Any]:
    """A Django storage from `file:///folder` or `s3://bucket/prefix?endpoint=https://host&region=name`; {} for nothing.

    Keys of S3 come from where boto3 looks for them (AWS_ACCESS_KEY_ID and so on), never from here.
    """
    if not text(name):
        return {}
    parts = urlsplit(text(name))
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": parts.path}}
    asked = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.hostname or asked.keys() - {"endpoint", "region"}:
        raise ImproperlyConfigured(
            f"{name}={parts.geturl()!r}: write file:///folder, or s3://bucket/prefix?endpoint=https://host&region=name"
        )
    from botocore.config import Config  # of the optional requirements

    options = {
        "bucket_name": parts.netloc,
        "location": parts.path.strip("/"),
        "endpoint_url": asked.get("endpoint"),
        "region_name": asked.get("region"),
        "default_acl": None,
        # A page that needs a manifest waits for it: the defaults make that minutes.
        "client_config": Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 2}),
        "file_overwrite": True,  # a name is written once; sent again after a failure, it is the same file
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def webhook_hosts(name: str) -> tuple[WebhookHost, ...]:
    """`hooks.example.org, *.example.com, https://other:8443, http://10.0.0.7:9000`: https and port 443 unless said."""
    return tuple(_webhook_host(name, entry) for entry in text(name).replace(",", " ").split())


def _webhook_host(name: str, entry: str) -> WebhookHost:
    parts = urlsplit(entry if "://" in entry else f"https://{entry}")
    try:
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port = "", None
    plain = host and "*" not in host.removeprefix("*.") and parts.netloc.rpartition("@")[1] == ""
    if not plain or parts.scheme not in {"http", "https"} or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name}: {entry!r} is no host; write hooks.example.org or http://10.0.0.7:9000")
    return WebhookHost(parts.scheme, host, port or {"https": 443, "http": 80}[parts.scheme])


def secret(name: str, file: Path) -> str:
    """The secret from the environment, else from a file (0600) that is made once with a random one.

    There is no built-in default: a fresh installation gets a key of its own.
    """
    if value := text(name):
        return value
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
