"""wrk, an HTTP load generator: what it is told to send stands in the scripts beside this file."""

import json
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.needs import NotRun

SCRIPTS = Path(__file__).parent


@dataclass(frozen=True)
class Told:
    """`refused`: answers of 400 and above. `broken`: connections refused or cut, and answers later than 10 s."""

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    longest_ms: float
    refused: int
    broken: int

    @property
    def a_second(self) -> float:
        return (self.requests - self.refused) / self.seconds


def start(script: str, port: int, *arguments: str, connections: int, seconds: int) -> "subprocess.Popen[str]":
    """Send for so long over so many connections at once. Raises NotRun where wrk is not installed."""
    if not shutil.which("wrk"):
        raise NotRun("wrk is not installed (Debian: apt-get install wrk)")
    command = ["wrk", "-t", str(min(2, connections)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s"]
    return subprocess.Popen(
        [*command, "-s", str(SCRIPTS / script), f"http://127.0.0.1:{port}", "--", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def told(process: "subprocess.Popen[str]") -> Told:
    """What it counted, once it has ended."""
    output, _ = process.communicate()
    last = output.strip().rpartition("\n")[2]
    if process.returncode or not last.startswith("{"):
        raise RuntimeError(f"wrk ended with {process.returncode}: {output[-1000:]}")
    return Told(**json.loads(last))


def stopped(process: "subprocess.Popen[str]") -> Told:
    """End it before its time; what it counted so far. Raises RuntimeError where its time was over."""
    if process.poll() is not None:
        raise RuntimeError("wrk ended before what it was to go on beside")
    process.send_signal(signal.SIGINT)
    return told(process)


def send(script: str, port: int, *arguments: str, connections: int, seconds: int) -> Told:
    return told(start(script, port, *arguments, connections=connections, seconds=seconds))
