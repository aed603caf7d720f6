"""Whatever an address says and wherever a name leads: the server calls nothing inside that nobody named.

Webhooks are the only addresses that a person gives. A trap listens on this machine; it must hear nothing.
"""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from config.env import webhook_hosts
from incidents.models import Webhook, WebhookDelivery
from incidents.services import webhook_targets
from incidents.services.webhook_delivery import call
from incidents.services.webhook_targets import TargetRefused, target_of

pytestmark = pytest.mark.django_db
PUBLIC = "192.0.43.7"
INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
    "fec0::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1",
]  # fmt: skip
ODD = [
    "2130706433", "017700000001", "0x7f000001", "127.1", "0177.0.0.1", "0x7f.0.0.1", "127.0.0.1.", "[::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1%25lo]", "localhost", "LOCALHOST.", "①②⑦.⓪.⓪.①", "127。0。0。1",
    "hooks.example.com@127.0.0.1", "127.0.0.1#.example.com", "127.0.0.1\\.example.com", "127.0.0.1%00.example.com",
    "127.0.0.1/.example.com", "a.example.com.127.0.0.1", "evil-example.com", "example.com",
]  # fmt: skip


class Trap:
    """A real server on this machine that remembers who called, and sends everybody on to itself."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        trap = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                trap.heard.append(self.path)
                self.send_response(307)
                self.send_header("Location", f"http://127.0.0.1:{trap.port}/inside")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def trap(settings, monkeypatch):
    one = Trap()
    monkeypatch.setenv("WEBHOOK_HOSTS", f"*.example.com, http://*.example.com:{one.port}")
    settings.WEBHOOK_HOSTS = webhook_hosts("WEBHOOK_HOSTS")
    yield one
    one.server.shutdown()
    one.server.server_close()


def leads_to(monkeypatch, *answers):
    """Names lead to the next answer each time somebody asks; returns who asked."""
    asked, waiting, real = [], list(answers), socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host.replace(".", "").isdigit() or ":" in host:  # an address leads to itself
            return real(host, port, *args, **kwargs)
        asked.append(host)
        addresses = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        kinds = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in addresses]
        return [(kind, socket.SOCK_STREAM, 6, "", (one, port)) for kind, one in zip(kinds, addresses, strict=True)]

    monkeypatch.setattr(webhook_targets.socket, "getaddrinfo", look_up)
    return asked


def deliver(url):
    hook = Webhook.objects.create(name="Hook", url=url, events=["filed"])
    return call(WebhookDelivery.objects.create(webhook=hook, event="filed", object_id=1, payload={}))


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_called(trap, monkeypatch, address):
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        leads_to(monkeypatch, addresses)
        with pytest.raises(TargetRefused, match="private network"):
            webhook_targets.address_of(target_of("https://a.example.com/"))
    answer = deliver(f"http://a.example.com:{trap.port}/in")
    assert (answer.reached, trap.heard) == (False, [])
    assert "private network" in answer.text


@pytest.mark.parametrize("host", ODD)
def test_an_inside_address_in_an_odd_spelling_is_not_on_the_list(trap, host):
    for url in (f"http://{host}:{trap.port}/in", f"https://{host}/"):
        answer = deliver(url)
        assert not answer.reached
        Webhook.objects.all().delete()
    assert trap.heard == []


def test_a_name_that_means_another_host_the_second_time_is_called_where_it_was_checked(trap, monkeypatch):
    """The name leads outside when it is checked and to this machine when it is asked for again."""
    called = []
    real = socket.socket.connect

    def connect(self, address):
        called.append(address[0])
        if address[0] == PUBLIC:
            raise ConnectionRefusedError
        return real(self, address)

    asked = leads_to(monkeypatch, [PUBLIC], ["127.0.0.1"])
    monkeypatch.setattr(socket.socket, "connect", connect)
    answer = deliver(f"http://a.example.com:{trap.port}/in")
    assert not answer.reached
    assert trap.heard == []
    assert asked == ["a.example.com"]
    assert called == [PUBLIC]


def test_a_redirect_to_the_inside_is_not_followed(trap, settings, monkeypatch):
    monkeypatch.setenv("WEBHOOK_HOSTS", f"http://127.0.0.1:{trap.port}")
    settings.WEBHOOK_HOSTS = webhook_hosts("WEBHOOK_HOSTS")
    answer = deliver(f"http://127.0.0.1:{trap.port}/in")
    assert "redirects are not followed" in answer.text
    assert trap.heard == ["/in"]
