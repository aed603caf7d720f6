"""Limits, counted by processes together in a real Redis, and by each one alone while it is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.cache import SharedOrOwn
from config.clients import address_of
from config.limits import Limit, TooMany, count
from incidents.models import Incident, Setting
from incidents.services.tokens import create_token
from tests.builders import PASSWORD, make_user
from tests.conftest import RedisServer

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
WRONG = {"login": "asha", "password": "wrong"}


@pytest.fixture
def shared(settings: Settings, redis_server: RedisServer) -> Iterator[RedisServer]:
    """The cache as in production, on a Redis of the test's own."""
    options = {"socket_timeout": 1, "socket_connect_timeout": 1}
    location = f"unix://{redis_server.socket}"
    settings.CACHES = {"default": {"BACKEND": "config.cache.SharedOrOwn", "LOCATION": location, "OPTIONS": options}}
    SharedOrOwn.away_until = 0.0
    caches["default"].clear()
    yield redis_server
    SharedOrOwn.away_until = 0.0


def sent(number: int) -> dict[str, Any]:
    return {"title": "T", "text": f"Report {number}", "currency": "INR", "key": str(UUID(int=number + (4 << 76)))}


def refused(answers: list[Any]) -> int:
    return sum(answer.status_code == 429 for answer in answers)


def test_sign_in_is_limited_by_account_wherever_the_attempts_come_from(shared: RedisServer) -> None:
    make_user("asha")
    answers = [Client(REMOTE_ADDR=f"192.0.2.{n}").post(LOGIN, WRONG) for n in range(20)]
    assert refused(answers) == 15
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    assert answers[-1]["Retry-After"] == "300"
    assert "Try again in 5 minutes, at" in answers[-1].content.decode()
    right = Client(REMOTE_ADDR="192.0.2.99").post(LOGIN, WRONG | {"password": PASSWORD})
    assert right.status_code == 429  # the right password tells nobody that it was right


def test_and_by_address_whatever_accounts_are_tried(shared: RedisServer) -> None:
    answers = [Client().post(LOGIN, WRONG | {"login": f"name{n}"}) for n in range(40)]
    assert refused(answers) == 30


def test_nobody_else_is_kept_out(shared: RedisServer) -> None:
    make_user("asha")
    make_user("ben")
    for _ in range(10):
        Client(REMOTE_ADDR="192.0.2.7").post(LOGIN, WRONG)
    assert Client(REMOTE_ADDR="192.0.2.8").post(LOGIN, {"login": "ben", "password": PASSWORD}).status_code == 302


def test_a_guessed_code_of_a_second_factor_is_limited(shared: RedisServer) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(make_user("asha"), generate_totp_secret())
    client = Client()
    client.post(LOGIN, {"login": "asha", "password": PASSWORD})
    answers = [client.post("/accounts/second-factor/authenticate/", {"code": f"{n:06}"}) for n in range(12)]
    assert refused(answers) == 7


@pytest.mark.parametrize(
    ("address", "data", "passed"),
    [
        ("/accounts/signup/", {"username": "x", "password1": "short", "password2": "other"}, 10),
        ("/accounts/password/reset/", {"email": "n{n}@example.org"}, 5),
    ],
)
def test_sign_up_and_forgotten_passwords_are_limited_by_address(
    shared: RedisServer, settings: Settings, address: str, data: dict[str, str], passed: int
) -> None:
    settings.SENDS_MAIL = True

    def send(n: int, client: Client) -> Any:
        return client.post(address, {name: value.format(n=n) for name, value in data.items()})

    answers = [send(n, Client()) for n in range(passed + 10)]
    assert refused(answers) == 10
    assert int(answers[-1]["Retry-After"]) >= 60
    assert refused([send(99, Client(REMOTE_ADDR="192.0.2.7"))]) == 0


def test_filing_without_an_account_is_limited_by_address_and_nothing_over_it_is_kept(shared: RedisServer) -> None:
    Setting.objects.create(key="anonymous_reports_an_hour", value=5)
    answers = [Client().post("/file/", sent(n)) for n in range(12)]
    assert (refused(answers), Incident.objects.count()) == (7, 5)
    assert 0 < int(answers[-1]["Retry-After"]) <= 3600
    assert Client(REMOTE_ADDR="192.0.2.7").post("/file/", sent(99)).status_code == 302


def test_whoever_is_signed_in_files_on_beside_it(shared: RedisServer) -> None:
    Setting.objects.create(key="anonymous_reports_an_hour", value=1)
    client = Client()
    client.force_login(make_user())
    assert refused([client.post("/file/", sent(n)) for n in range(20)]) == 0


def test_each_token_is_limited_by_itself(shared: RedisServer) -> None:
    Setting.objects.create(key="api_calls_a_minute", value=10)
    user = make_user()
    one, other = (create_token(user, name="t", scopes=["incidents:read"])[1] for _ in range(2))
    answers = [Client().get("/api/v1/incidents/", headers={"authorization": f"Token {one}"}) for _ in range(15)]
    assert refused(answers) == 5
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert "detail" in answers[-1].json()
    assert Client().get("/api/v1/incidents/", headers={"authorization": f"Token {other}"}).status_code == 200


def test_calls_at_the_same_moment_do_not_pass_together(shared: RedisServer) -> None:
    request, limit = RequestFactory().get("/"), Limit("test", 50, 3600)

    def one(_: int) -> bool:
        try:
            count(request, limit, of="somebody")
        except TooMany:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(one, range(400))) == 50


def test_without_the_cache_pages_work_and_each_process_counts_by_itself(
    shared: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    make_user("asha")
    shared.kill()
    answers = [Client().post(LOGIN, WRONG) for _ in range(12)]
    assert refused(answers) == 7
    assert Client().get("/").status_code == 200
    assert Client().post("/file/", sent(1)).status_code == 302
    assert [record for record in caplog.records if "cache_away" in record.getMessage()]
    shared.start()
    SharedOrOwn.away_until = 0.0
    assert Client().post(LOGIN, WRONG).status_code == 200  # counted anew, together with the others


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.5", "127.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        (2, "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", "127.0.0.1"),
        (1, "<script>", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_a_client_says_of_itself_only_what_our_own_proxies_saw(
    settings: Settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert address_of(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})) == address


def test_a_made_up_address_does_not_start_the_count_anew(shared: RedisServer, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    answers = [
        Client().post(LOGIN, WRONG | {"login": f"n{n}"}, headers={"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.5"})
        for n in range(20)
    ]
    assert refused(answers) == 10
