"""`make demo` from the virtual environment on: prepare, start everything under a supervisor, watch, stop.

Loads neither Django's applications nor a model: it stays in memory for as long as the site runs.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from django.core.exceptions import ImproperlyConfigured

from config import env
from config.steps import StepFailed, detail, say, step
from workers import broker, supervisor
from workers.home import locked
from workers.sockets import NoSocketFolder, socket_folder
from workers.supervised import PROJECT, Supervised

STOP_SECONDS = 50  # the longest of the programs' own limits, then the web's, then the broker's
WEB_SECONDS = 180  # four processes import their packages at once, the first time without bytecode
FAILURES = (StepFailed, ImproperlyConfigured, broker.BrokerUnavailable, NoSocketFolder, supervisor.Unwritable)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    os.umask(0o077)  # reports, passwords and keys: for nobody else on this machine
    home = env.folder("CASELOOP_HOME", PROJECT / ".caseloop")
    try:
        with locked(home) as lock:
            run(home, lock)
    except FAILURES as failure:
        sys.stderr.write(f"\nStopped: {failure}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def run(home: Path, lock: TextIO) -> None:
    """From the first step to the clean stop. Raises StepFailed, and KeyboardInterrupt when told to stop."""
    port = env.integer("PORT", 8000, minimum=1, maximum=65535)
    logs, accounts = home / "logs", home / "demo-accounts.txt"
    logs.mkdir(mode=0o700, exist_ok=True)
    first = not accounts.exists()
    with sockets_under(home / "run") as sockets:
        chosen = broker.choose(os.environ, home=home, sockets=sockets)
        environment = os.environ | {
            "BROKER_URL": chosen.url,
            "CASELOOP_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            # The demo's passwords are printed, and its admin is tried out by one person: set it to have it asked for.
            "MFA_FOR_ADMINS": os.environ.get("MFA_FOR_ADMINS", "false"),
            "PYTHONUNBUFFERED": "1",
        }
        prepare(environment, logs / "prepare.log")
        configuration = home / "run" / "supervisord.conf"
        configuration.write_text(
            supervisor.configuration(
                supervisor.programs(sys.executable, port=port, cores=os.cpu_count() or 1),
                before=[supervisor.broker_program(chosen.command)] if chosen.command else [],
                project=PROJECT,
                run=home / "run",
                logs=logs,
                sockets=sockets,
            )
        )
        with announced(chosen, home / "broker-url"):
            supervised = Supervised.start(
                configuration, socket=sockets / supervisor.SOCKET, environment=environment, lock=lock
            )
            try:
                with step(8, f"Web, workers and broker ({chosen.source})"):
                    wait_for_web(supervised, f"http://127.0.0.1:{port}/healthz", logs)
                welcome(port, accounts, logs, first=first)
                watch(supervised, logs)
            finally:
                stop(supervised)


@contextmanager
def sockets_under(run_folder: Path) -> Iterator[Path]:
    """The folder for sockets; a temporary one is removed at the end."""
    folder = socket_folder(run_folder, broker.SOCKET, supervisor.BIND_NAME)
    try:
        yield folder
    finally:
        if folder != run_folder:
            shutil.rmtree(folder)


@contextmanager
def announced(chosen: broker.Broker, file: Path) -> Iterator[None]:
    """Name a broker of our own in `file`, where a `manage.py` in another terminal looks for it."""
    file.unlink(missing_ok=True)
    if chosen.command:
        file.touch(mode=0o600)
        file.write_text(f"{chosen.url}\n")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def prepare(environment: dict[str, str], log: Path) -> None:
    """Steps 4 to 7, in a process of their own that gives its memory back."""
    command = [sys.executable, "manage.py", "prepare_demo"]
    with log.open("w") as errors:
        done = subprocess.run(command, cwd=PROJECT, env=environment, stderr=errors, check=False)  # noqa: S603
    if done.returncode:
        lines = log.read_text().strip().splitlines()
        raise StepFailed(f"{lines[-1] if lines else 'the preparation ended without a word'}\nDetails: {log}")


def wait_for_web(supervised: Supervised, address: str, logs: Path) -> None:
    deadline = time.monotonic() + WEB_SECONDS
    while not answers(address):
        if supervised.process.poll() is not None:
            raise StepFailed(f"the supervisor ended; {logs / 'supervisord.log'} says why")
        for state in supervised.states():
            if state.word == "FATAL":
                raise StepFailed(f"{state.name} does not start; {logs / f'{state.name}.log'} says why")
        if time.monotonic() > deadline:
            raise StepFailed(f"{address} gives no answer after {WEB_SECONDS} s; {logs / 'web_0.log'} may say why")
        time.sleep(0.3)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # nosec B310 # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def welcome(port: int, accounts: Path, logs: Path, *, first: bool) -> None:
    say(f"\nCaseloop runs at http://127.0.0.1:{port}/\n")
    if first:
        say(accounts.read_text())
    say(f"Accounts: {accounts}\nLogs:     {logs}\nStop:     Ctrl-C")


def watch(supervised: Supervised, logs: Path) -> None:
    """Say what falls over and what comes back, until the supervisor ends or we are told to stop."""
    known = {state.name: state for state in supervised.states()}
    while supervised.process.poll() is None:
        time.sleep(2)
        for state in supervised.states():
            before = known.get(state.name, state)
            known[state.name] = state
            if state.word == "FATAL" != before.word:
                detail(f"{state.name} was given up; see {logs / f'{state.name}.log'}")
            elif state.word == "RUNNING" and state.pid != before.pid and before.pid:
                detail(f"{state.name} had ended and was started again")
    raise StepFailed(f"the supervisor ended; {logs / 'supervisord.log'} says why")


def stop(supervised: Supervised) -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    say("\nStopping: work at hand is finished or given back (up to 30 s) ...")
    clean = supervised.stop(STOP_SECONDS)
    say("Stopped." if clean else "The supervisor was killed; its processes were told to end.")


if __name__ == "__main__":
    sys.exit(main())
