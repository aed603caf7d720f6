import socket

import pytest

from config.env import WebhookHost, webhook_hosts
from incidents.services import webhook_targets
from incidents.services.webhook_targets import TargetRefused, address_of, target_of


@pytest.fixture(autouse=True)
def _hosts(settings, monkeypatch):
    monkeypatch.setenv("WEBHOOK_HOSTS", "hooks.example.org, *.example.com, http://10.0.0.7:9000")
    settings.WEBHOOK_HOSTS = webhook_hosts("WEBHOOK_HOSTS")


def leads_to(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(webhook_targets.socket, "getaddrinfo", lambda *args, **kwargs: found)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org/a?b=c",
        "https://HOOKS.example.org./a",
        "https://a.b.example.com/",
        "http://10.0.0.7:9000/in",
    ],
)
def test_hosts_on_the_list_may_be_called(url):
    assert target_of(url).path.startswith("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",  # the list says https
        "https://hooks.example.org:8443/",
        "https://example.com/",  # *.example.com names those below it
        "https://evil-example.com/",
        "https://other.example.org/",
        "https://10.0.0.7:9000/",
        "http://10.0.0.7/",
        "https://user:word@hooks.example.org/",
        "https://hooks.example.org@evil.example/",
        "ftp://hooks.example.org/",
        "https://hooks.example.org:99999/",
        "//hooks.example.org/",
        "javascript:alert(1)",
        "",
    ],
)
def test_all_else_is_refused_in_a_sentence(url):
    with pytest.raises(TargetRefused, match=r"\.$"):
        target_of(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
    ],
)
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch, address):
    leads_to(monkeypatch, "93.184.216.34", address)
    with pytest.raises(TargetRefused, match="private network"):
        address_of(target_of("https://a.example.com/"))


def test_a_public_address_is_called(monkeypatch):
    leads_to(monkeypatch, "93.184.216.34")
    assert address_of(target_of("https://a.example.com/")) == "93.184.216.34"


def test_a_host_that_is_named_itself_may_be_private(monkeypatch):
    leads_to(monkeypatch, "10.0.0.7")
    assert address_of(target_of("http://10.0.0.7:9000/in")) == "10.0.0.7"


def test_a_name_that_leads_nowhere_is_refused(monkeypatch):
    def nowhere(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(webhook_targets.socket, "getaddrinfo", nowhere)
    with pytest.raises(TargetRefused, match="leads to no address"):
        address_of(target_of("https://hooks.example.org/"))


def test_no_list_allows_nothing(settings):
    settings.WEBHOOK_HOSTS = ()
    with pytest.raises(TargetRefused, match="WEBHOOK_HOSTS"):
        target_of("https://hooks.example.org/")


def test_the_receiver_sees_its_own_name(settings):
    settings.WEBHOOK_HOSTS = (WebhookHost("https", "hooks.example.org", 8443),)
    assert target_of("https://hooks.example.org:8443/").authority == "hooks.example.org:8443"
