"""What the environment may say, and what is said of nonsense."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", env.MailServer()),
        ("smtp://mail.example.org", env.MailServer("mail.example.org", 587, "", "", "starttls")),
        ("smtp://a%40b:p%3Aq@host:2525/?tls=true", env.MailServer("host", 2525, "a@b", "p:q", "starttls")),
        ("smtp://127.0.0.1:25?tls=false", env.MailServer("127.0.0.1", 25, "", "", "none")),
        ("smtps://user:word@host", env.MailServer("host", 465, "user", "word", "tls")),
    ],
)
def test_a_mail_server_is_read_from_its_address(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: env.MailServer
) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    assert env.mail_server("EMAIL_URL") == expected


@pytest.mark.parametrize(
    "value", ["host", "http://u:secret@host", "smtp://u:secret@host:0x1", "smtp://u:secret@h?tls=no"]
)
def test_a_wrong_mail_server_is_refused_without_telling_its_password(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL: write smtp://") as caught:
        env.mail_server("EMAIL_URL")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ()),
        ("hooks.example.org", (env.WebhookHost("https", "hooks.example.org", 443),)),
        (" https://A.example:8443, *.b.example ", (
            env.WebhookHost("https", "a.example", 8443), env.WebhookHost("https", "*.b.example", 443),
        )),
        ("http://10.0.0.7:9000", (env.WebhookHost("http", "10.0.0.7", 9000),)),
        ("http://[::1]", (env.WebhookHost("http", "::1", 80),)),
    ],
)  # fmt: skip
def test_hosts_of_webhooks_are_read(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: tuple[env.WebhookHost, ...]
) -> None:
    monkeypatch.setenv("WEBHOOK_HOSTS", value)
    assert env.webhook_hosts("WEBHOOK_HOSTS") == expected


@pytest.mark.parametrize(
    "value", ["*", "a.*.example", "ftp://a.example", "https://a.example/path", "u@a.example", "a:x"]
)
def test_what_is_no_host_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WEBHOOK_HOSTS", value)
    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_HOSTS"):
        env.webhook_hosts("WEBHOOK_HOSTS")


def test_a_folder_of_ours_is_made_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CASELOOP_HOME", str(tmp_path / "new" / "home"))
    assert env.private_folder("CASELOOP_HOME", tmp_path).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("written", "backend", "options"),
    [
        ("", None, {}),
        ("file:///srv/models", "django.core.files.storage.FileSystemStorage", {"location": "/srv/models"}),
        ("s3://shelf/a/b", "storages.backends.s3.S3Storage", {"bucket_name": "shelf", "location": "a/b"}),
        (
            "s3://shelf?endpoint=https://s3.example.org&region=eu",
            "storages.backends.s3.S3Storage",
            {"endpoint_url": "https://s3.example.org", "region_name": "eu", "location": ""},
        ),
    ],
)
def test_a_storage_is_read(monkeypatch, written, backend, options):
    monkeypatch.setenv("MODELS_STORAGE", written)
    found = env.storage("MODELS_STORAGE")
    assert found.get("BACKEND") == backend
    assert found.get("OPTIONS", {}).items() >= options.items()


@pytest.mark.parametrize("written", ["/srv/models", "s3://", "ftp://host/x", "file://host/x", "s3://shelf?secret=x"])
def test_a_storage_that_is_none_is_refused_with_an_example(monkeypatch, written):
    monkeypatch.setenv("MODELS_STORAGE", written)
    with pytest.raises(ImproperlyConfigured, match="s3://bucket/prefix"):
        env.storage("MODELS_STORAGE")
