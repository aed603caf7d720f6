"""The supervisor outlives web processes that end while their children still hold the site's socket."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import free_port
from tests.workers.conftest import wait_for

PROJECT = Path(__file__).resolve().parents[2]
# Ends at once, and leaves a child with the socket, as a gunicorn that is killed leaves its workers.
DIES = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(4)"])
print("started", flush=True)
"""


def test_a_socket_that_is_still_held_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "dies.py").write_text(DIES)
    configuration, told = tmp_path / "supervisord.conf", tmp_path / "web.log"
    configuration.write_text(f"""
[supervisord]
nodaemon=true
logfile={tmp_path}/supervisord.log
pidfile={tmp_path}/supervisord.pid
[fcgi-program:web]
socket=tcp://127.0.0.1:{free_port()}
command={sys.executable} {tmp_path}/dies.py
startsecs=0
autorestart=true
stdout_logfile={told}
""")
    command = [sys.executable, "-m", "workers.supervisord", "-c", str(configuration)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL) as supervisor:
        try:
            wait_for(lambda: told.exists() and told.read_text().count("started") >= 3, 30)
            assert supervisor.poll() is None
        finally:
            supervisor.terminate()
    assert supervisor.returncode == 0
