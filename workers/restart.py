"""`make restart`: start every process of a running local start again, one at a time, while the site goes on answering.

After new code or new settings: `git pull`, `make restart`. The two web processes share a socket that the supervisor
holds, and the first is back before the second goes. A worker finishes or gives back what it has at hand; what is filed
meanwhile waits as rows.
"""

import configparser
import subprocess
import sys
import time
import xmlrpc.client  # nosec B411 # asked is the supervisor of this home, by its 0700 socket
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env
from config.steps import StepFailed, detail, say
from workers.demo import WEB_SECONDS
from workers.supervised import PROJECT, State, asked, states
from workers.supervisor import TOGETHER

BROKER = "broker"  # keeps the messages: it is not ours to upgrade


def main() -> int:
    try:
        restart(env.folder("CASELOOP_HOME", PROJECT / ".caseloop"))
    except (StepFailed, ImproperlyConfigured) as failure:
        sys.stderr.write(f"\nStopped: {failure}\n")
        return 1
    return 0


def restart(home: Path) -> None:
    """Start one process after the other again. Raises StepFailed; what was not reached runs on as it was."""
    socket = socket_of(home)
    try:
        with asked(socket) as supervisor:
            for state in sorted(states(supervisor), key=lambda one: not shares_a_socket(one)):
                if state.name != BROKER:
                    restart_one(supervisor, state, home / "logs")
    except (OSError, xmlrpc.client.ProtocolError) as error:
        raise StepFailed(f"nothing runs in {home} that could be started again; `make demo` starts it") from error
    say("Every process runs anew.")


def socket_of(home: Path) -> Path:
    """Where the supervisor of a running start listens. Raises StepFailed where none was started."""
    written = configparser.RawConfigParser()
    if not written.read(home / "run" / "supervisord.conf"):
        raise StepFailed(f"nothing was ever started in {home}; `make demo` starts it")
    return Path(written["unix_http_server"]["file"].replace("%%", "%"))


def shares_a_socket(state: State) -> bool:
    return state.group != TOGETHER


def restart_one(supervisor: Any, state: State, logs: Path) -> None:
    """Stop a process, however long that takes, and start it. Raises StepFailed where it does not come back."""
    name, began = f"{state.group}:{state.name}", time.monotonic()
    try:
        if state.word == "RUNNING":
            supervisor.stopProcess(name, True)
        supervisor.startProcess(name, True)
        pid = supervisor.getProcessInfo(name)["pid"]
    except xmlrpc.client.Fault as fault:
        raise StepFailed(f"{state.name} does not start again; {logs / state.name}.log says why") from fault
    if shares_a_socket(state):
        wait_for_child(pid, state.name, logs)
    detail(f"{state.name}: {time.monotonic() - began:.1f} s")


def wait_for_child(pid: int, name: str, logs: Path) -> None:
    """Until gunicorn has loaded the application: only then does it start the worker that answers."""
    deadline = time.monotonic() + WEB_SECONDS
    while str(pid) not in parents():
        if time.monotonic() > deadline:
            raise StepFailed(f"{name} gives no answer after {WEB_SECONDS} s; {logs / name}.log may say why")
        time.sleep(0.1)


def parents() -> set[str]:
    """The ids of all processes of this machine that have started another one."""
    return set(subprocess.run(["ps", "-A", "-o", "ppid="], capture_output=True, text=True, check=True).stdout.split())  # noqa: S607


if __name__ == "__main__":
    sys.exit(main())
