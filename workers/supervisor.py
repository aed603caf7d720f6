"""The processes of a local start, and the supervisord configuration that keeps them running.

Stopping takes the longest of the processes' own limits, because all but the broker stop together; the broker
starts first and stops last, so that workers can give their work back.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TOGETHER = "caseloop"  # the group of all programs but the broker and those that share a socket
SOCKET = "supervisor.sock"
BIND_NAME = SOCKET + ".1234567"  # supervisord binds aside, with its process id appended, and renames
# No address, query or referer: the address of a private page is the secret that opens it.
ACCESS_LOG = "%(t)s %(m)s %(s)s %(B)s bytes %(M)s ms"


class Expression(str):
    """A value whose %-expressions supervisord is to fill in."""


class Unwritable(ValueError):
    """A value that supervisord's configuration cannot hold."""


@dataclass(frozen=True)
class Program:
    """One program. `start_seconds`: up so long is started; `stop_seconds`: what it gets to end by itself.

    `listens`, host:port: the supervisor opens this socket and each of the `processes` takes it as descriptor 0. While
    one of them is away the others answer, and while all are, connections wait instead of being refused.
    """

    name: str
    command: tuple[str, ...]
    start_seconds: int
    stop_seconds: int
    environment: Mapping[str, str] = field(default_factory=dict)
    listens: str = ""
    processes: int = 1


def programs(python: str, *, port: int, cores: int) -> list[Program]:
    """Web, the workers, the sweeper and the synthetic stream, run by `python` from the project's folder."""
    web = web_command(python, bind="fd://0", workers=1)
    return [
        # Two masters of one worker each, so that they can be started again one after the other.
        Program("web", web, start_seconds=2, stop_seconds=10, listens=f"127.0.0.1:{port}", processes=2),
        # More threads gain 1.5 times at best, and lose as much while something else runs (benchmarks/workers.py).
        _worker(python, "inference", threads=1, niceness=0),
        _worker(python, "events", threads=1, niceness=5),
        _worker(python, "desk", threads=1, niceness=5),
        # Minutes of one core, for which nobody waits.
        _worker(python, "analysis", threads=1, niceness=15),
        # A training takes what classification leaves: a report is still answered within seconds beside it.
        _worker(python, "training", threads=cores, niceness=10),
        Program("sweeper", (python, "manage.py", "run_sweeper"), start_seconds=3, stop_seconds=10),
        Program("stream", (python, "manage.py", "run_demo_stream"), start_seconds=3, stop_seconds=5),
    ]


def web_command(python: str, *, bind: str, workers: int) -> tuple[str, ...]:
    """gunicorn on an address or an inherited descriptor. It loads the application before it starts its workers."""
    return (
        *(python, "-m", "gunicorn", "config.wsgi:application", "--bind", bind),
        *("--worker-class", "gthread", "--workers", str(workers), "--threads", "4", "--preload"),
        *("--graceful-timeout", "8", "--access-logfile", "-", "--access-logformat", ACCESS_LOG, "--no-control-socket"),
    )


def _worker(python: str, queue: str, *, threads: int, niceness: int) -> Program:
    celery = (
        *(python, "-m", "celery", "-A", "workers.celery", "worker", "-Q", queue, "-n", f"{queue}@%h"),
        *("-c", "1", "--prefetch-multiplier", "1", "--without-gossip", "--without-mingle"),
    )
    nice = ("nice", "-n", str(niceness)) if niceness else ()
    return Program(
        queue,
        nice + celery,
        start_seconds=5,
        stop_seconds=25,
        environment={"OMP_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false"},
    )


def broker_program(command: Sequence[str]) -> Program:
    return Program("broker", tuple(command), start_seconds=1, stop_seconds=5)


def configuration(
    together: Sequence[Program],
    *,
    before: Sequence[Program],
    project: Path,
    run: Path,
    logs: Path,
    sockets: Path,
) -> str:
    """The text of supervisord.conf: `before` start first and stop last, `together` start and stop at once.

    Raises Unwritable.
    """
    sections: dict[str, dict[str, str]] = {
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "directory": str(project),
            "pidfile": str(run / "supervisord.pid"),
            "childlogdir": str(logs),
            "umask": "077",
            **_log("logfile", str(logs / "supervisord.log")),
        },
        "unix_http_server": {"file": str(sockets / SOCKET), "chmod": "0700"},
        "supervisorctl": {"serverurl": f"unix://{sockets / SOCKET}"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        f"group:{TOGETHER}": {"programs": ",".join(one.name for one in together if not one.listens), "priority": "20"},
    }
    for program in before:
        sections[f"program:{program.name}"] = {**_program(program, logs), "priority": "10"}
    for program in together:
        if program.listens:  # supervisord keeps such a program in a group of its own
            sections[f"fcgi-program:{program.name}"] = {**_program(program, logs), **_shared(program), "priority": "20"}
        else:
            sections[f"program:{program.name}"] = _program(program, logs)
    return "\n".join(_section(name, values) for name, values in sections.items())


def _program(program: Program, logs: Path) -> dict[str, str]:
    return {
        "command": shlex.join(program.command),
        "environment": ",".join(f'{name}="{value}"' for name, value in program.environment.items()),
        "autorestart": "true",
        "startsecs": str(program.start_seconds),
        # Each failed start waits a second longer than the one before it: ten of them span about a minute.
        "startretries": "10",
        "stopsignal": "TERM",
        "stopwaitsecs": str(program.stop_seconds),
        "killasgroup": "true",
        "redirect_stderr": "true",
        **_log("stdout_logfile", _log_name(program, logs)),
    }


def _shared(program: Program) -> dict[str, str]:
    """What supervisord says of FastCGI holds for any program that takes a listening socket as descriptor 0."""
    return {
        "socket": f"tcp://{program.listens}",
        "numprocs": str(program.processes),
        "process_name": Expression(f"{program.name}_%(process_num)d"),
    }


def _log_name(program: Program, logs: Path) -> str:
    # supervisord fills in %-expressions twice in this one option.
    folder = str(logs).replace("%", "%%%%")
    return Expression(f"{folder}/{program.name}{'_%(process_num)d' if program.listens else ''}.log")


def _log(option: str, file: str) -> dict[str, str]:
    return {option: file, f"{option}_maxbytes": "5MB", f"{option}_backups": "3"}


def _section(name: str, values: Mapping[str, str]) -> str:
    lines = (f"{option}={_written(value)}" for option, value in values.items() if value)
    return "\n".join([f"[{name}]", *lines, ""])


def _written(value: str) -> str:
    if " ;" in value or " #" in value or "\n" in value:
        raise Unwritable(f"{value!r}: move CASELOOP_HOME and the project to paths without ' ;', ' #' and line breaks")
    return value if isinstance(value, Expression) else value.replace("%", "%%")
