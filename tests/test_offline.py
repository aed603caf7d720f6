"""With every outgoing connection refused: each page loads, names nothing outside, and a report is classified."""

import re
import socket
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from classifier.services.classify import classify_batch
from incidents.services.filing import FiledReport, file_incident
from tests.builders import make_user
from tests.classifier.services.conftest import champion, home  # noqa: F401 - fixtures
from workers import jobs
from workers.jobs import Limit

OUTSIDE = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=["'](?:https?:)?//""")
LOCAL = {"127.0.0.1", "::1", "localhost"}


# What an admin gets from addresses that are no page: the rest are pages, and load.
ELSEWHERE = {
    204: {"/review/ahead/"},
    # Tells htmx to stop asking: nothing runs.
    286: {"/doubts/state/", "/models/labels/state/", "/profile/state/", "/themes/state/"},
    302: {  # for strangers only, behind a password asked again, or with nothing to show now
        "/accounts/providers/signup/", "/accounts/second-factor/authenticate/",
        "/accounts/second-factor/reauthenticate/", "/accounts/second-factor/recovery-codes/generate/",
        "/accounts/second-factor/totp/activate/", "/accounts/second-factor/webauthn/add/",
        "/accounts/second-factor/webauthn/login/", "/accounts/second-factor/webauthn/reauthenticate/",
        "/accounts/login/", "/accounts/login/code/confirm/", "/accounts/password/set/", "/accounts/signup/",
        "/admin/login/", "/bulk/new/", "/language/", "/models/roll-back/",
    },
    401: {"/accounts/providers/login/error/"},
    403: {"/admin/autocomplete/"},
    404: {  # of a factor that is not set up
        "/accounts/second-factor/recovery-codes/", "/accounts/second-factor/recovery-codes/download/",
        "/accounts/second-factor/totp/deactivate/",
    },
    405: {
        "/api/v1/erasures/preview/", "/audit/check/",
        "/admin/logout/", "/api/v1/events/", "/api/v1/models/rollback/", "/api/v1/policy/preview/",
        "/events/dead-letters/discard/", "/events/dead-letters/replay/", "/models/labels/measure/",
        "/models/policy/save/", "/review/undo/",
        "/tokens/revoke/", "/bulk/start/", "/doubts/find/", "/file/alike/", "/notices/mail/", "/notices/read/",
        "/profile/measure/", "/shortcuts/reset/", "/themes/find/", "/tour/done/",
    },
}  # fmt: skip
EXPECTED = {address: status for status, addresses in ELSEWHERE.items() for address in addresses}
MADE_IN_THE_ADMIN = {"/admin/incidents/user/add/"}  # everything else is made by the product, not by hand


@pytest.fixture
def no_network(monkeypatch):
    """Connections and name look-ups that leave the machine raise, whatever library makes them."""

    def local_only(self, address):
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise OSError(f"the network is cut, but somebody asked for {address[0]}")
        return connect(self, address)

    def no_names(host, *arguments, **options):
        if host not in LOCAL:
            raise OSError(f"the network is cut, but somebody looked up {host}")
        return resolve(host, *arguments, **options)

    connect, resolve = socket.socket.connect, socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", local_only)
    monkeypatch.setattr(socket, "getaddrinfo", no_names)


def plain_addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every address that takes no arguments, found from the resolver."""
    for one in patterns:
        route = before + str(one.pattern).lstrip("^").removesuffix("$").removesuffix("\\Z")
        if re.search(r"[<(*\\]", route):
            continue
        if isinstance(one, URLResolver):
            yield from plain_addresses(one.url_patterns, route)
        else:
            yield route


def expected(address: str) -> int:
    by_hand = address.startswith("/admin/") and address.endswith("/add/")
    return 403 if by_hand and address not in MADE_IN_THE_ADMIN else EXPECTED.get(address, 200)


@pytest.mark.django_db
def test_the_guard_itself_refuses(no_network):
    with pytest.raises(OSError, match="network is cut"):
        socket.create_connection(("example.org", 80), timeout=1)
    with pytest.raises(OSError, match="network is cut"), socket.socket() as one:
        one.connect(("192.0.2.1", 80))


@pytest.mark.django_db
def test_every_page_loads_and_names_nothing_outside(no_network):
    client = Client()
    client.force_login(make_user(role="admin", is_staff=True))
    addresses = sorted(set(plain_addresses(get_resolver().url_patterns)))
    assert set(EXPECTED) < set(addresses)
    answers = {address: client.get(address) for address in addresses}
    wrong = {one: answer.status_code for one, answer in answers.items() if answer.status_code != expected(one)}
    assert not wrong, "\n".join(f"{one}: {status}" for one, status in wrong.items())
    for address, answer in answers.items():
        if answer.status_code == 200 and "text/html" in answer.get("Content-Type", ""):
            assert not OUTSIDE.search(answer.content.decode()), address


def test_a_report_is_classified(champion, no_network):  # noqa: F811 - the fixture
    incident = file_incident(FiledReport(title="", text="A caller asked for the otp code."), source="web").incident
    classify_batch(jobs.claim("inference", worker="test", limits={"classify": Limit()}))
    incident.refresh_from_db()
    assert incident.current_model == champion.name
