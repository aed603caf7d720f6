"""From a fresh clone to a working virtual environment. Needs nothing but Python itself.

    python3 -m config.bootstrap demo    install, then start everything in the foreground
    python3 -m config.bootstrap dev     install, with what tests and checks need

Installing is skipped while the requirements, the interpreter and TORCH_INDEX_URL are what they were.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from config.steps import TOTAL, StepFailed, detail, say, step

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
SUPPORTED = ((3, 11), (3, 12))
CPU_WHEELS = "TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu"
GIB = 2**30
NEEDED_GIB = 4  # packages with CPU-only wheels, pip's own temporary files, and room for models
CUDA_GIB = 10  # what PyPI's own wheel of torch takes on Linux, because it brings the CUDA libraries


def main(arguments: list[str]) -> int:
    if arguments not in (["demo"], ["dev"]):
        say(__doc__ or "")
        return 2
    demo = arguments == ["demo"]
    total = TOTAL if demo else 3
    try:
        with step(1, "Checking Python, disk and port" if demo else "Checking Python and disk", total):
            check_python()
            check_disk(PROJECT)
            if demo:
                check_port(os.environ.get("PORT") or "8000")
        with step(2, "Virtual environment", total):
            create_environment()
        with step(3, "Packages", total):
            install(["requirements.txt"] if demo else ["requirements.txt", "requirements/dev.txt"])
    except StepFailed as failure:
        sys.stderr.write(f"\nStopped: {failure}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    if demo:
        os.execv(PYTHON, [str(PYTHON), "-m", "workers.demo"])  # noqa: S606 (our own interpreter, no shell)
    return 0


def check_python() -> None:
    if sys.version_info[:2] not in SUPPORTED:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise StepFailed(f"{sys.executable} is Python {version}; run this by Python 3.11 or 3.12")
    if missing := [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]:
        minor = f"python3.{sys.version_info[1]}"
        raise StepFailed(
            f"{sys.executable} lacks {' and '.join(missing)}. Debian and Ubuntu: apt-get install {minor}-venv"
        )


def check_disk(folder: Path) -> None:
    free = shutil.disk_usage(folder).free / GIB
    if PYTHON.exists():
        if free < 1:
            raise StepFailed(f"{free:.1f} GiB are free under {folder}; at least 1 is needed. Make room.")
        return
    if free < NEEDED_GIB:
        raise StepFailed(f"{free:.1f} GiB are free under {folder}; {NEEDED_GIB} are needed. Make room.")
    if free < CUDA_GIB and sys.platform == "linux" and not os.environ.get("TORCH_INDEX_URL"):
        detail(f"only {free:.0f} GiB are free; without a GPU, {CPU_WHEELS} needs less")


def check_port(port: str) -> None:
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise StepFailed(f"PORT={port!r}: write a whole number from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            raise StepFailed(
                f"port {port} cannot be used ({error.strerror}). Is another `make demo` running?"
                " Else choose another port: PORT=8001 make demo"
            ) from None


def create_environment() -> None:
    if _runs(PYTHON):
        return
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise StepFailed(f"{' '.join(command)} failed:\n{_tail(done.stdout + done.stderr)}")


def _runs(python: Path) -> bool:
    """Whether the environment's interpreter is there, runs and is a supported one."""
    question = f"import sys; sys.exit(sys.version_info[:2] not in {SUPPORTED!r})"
    try:
        return subprocess.run([str(python), "-c", question], capture_output=True, check=False).returncode == 0  # noqa: S603
    except OSError:
        return False


def install(files: list[str]) -> None:
    """Install what `files` name, unless this very set is installed already."""
    index = os.environ.get("TORCH_INDEX_URL", "").strip()
    marker = VENV / ("installed-" + "-".join(Path(file).stem for file in files))
    wanted = fingerprint(index)
    if marker.exists() and marker.read_text() == wanted:
        return
    # Bytecode is written when a module is first imported: most of these packages' modules never are.
    command = [str(PYTHON), "-m", "pip", "install", "--no-compile", "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", *(["--extra-index-url", index] if index else [])]
    command += [part for file in files for part in ("-r", str(PROJECT / file))]
    log = VENV / "pip.log"
    if _run_pip(command, log):
        raise StepFailed(
            f"pip could not install the packages:\n{_tail(log.read_text())}\n"
            f"All of pip's output: {log}. Is the package index reachable? A proxy is set by HTTPS_PROXY;"
            f" CPU-only wheels of torch by {CPU_WHEELS}. Then start again: what was downloaded is kept."
        )
    marker.write_text(wanted)


def fingerprint(index: str) -> str:
    """Changes with any requirement, the interpreter's version and the index that torch comes from."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {index}".encode())
    for file in [PROJECT / "requirements.txt", *sorted((PROJECT / "requirements").glob("*.txt"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _run_pip(command: list[str], log: Path) -> int:
    """Run pip with its output in `log` and its larger moments on the screen; gives its exit status."""
    with (
        log.open("w") as full,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip,  # noqa: S603
    ):
        assert pip.stdout is not None
        for line in pip.stdout:
            full.write(line)
            if moment := _moment(line):
                detail(moment)
    return pip.returncode


def _moment(line: str) -> str:
    """What of pip's output is worth a line here: the larger downloads, and the installation."""
    if large := re.match(r"\s*Downloading (?:\S*/)?([^-/]+)-([^-]+)-\S+ (\([\d.]+ [MG]B\))", line):
        return "downloading {} {} {}".format(*large.groups())
    if line.startswith("Installing collected packages"):
        return f"installing {line.count(',') + 1} packages"
    return ""


def _tail(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-5:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
