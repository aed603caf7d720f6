"""Coverage-guided fuzzing of the parsers: `python -m tests.fuzz [PARSER ...] [--seconds 60]`.

Each parser runs in a process of its own for that long. An input that breaks one is kept in tests/fuzz/found/PARSER,
where `make test` reads it from then on. Needs requirements/fuzz.txt. Exit status 1 where anything was found.
"""

import argparse
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.found import FOUND

RUNS = re.compile(r"#(\d+)\s+DONE|stat::number_of_executed_units:\s*(\d+)|Done (\d+) runs")
LONGEST, LONGEST_CALL = 4096, 10  # bytes of an input; seconds that one may take
INSIDE = "--inside"
INSTRUMENTED = ["events.stream", "classifier.ml.text", "incidents", "markdown_it", "puremagic", "yaml", "zipfile"]


def main(arguments: list[str]) -> int:
    if importlib.util.find_spec("atheris") is None:
        sys.exit("atheris is not installed: .venv/bin/pip install -r requirements/fuzz.txt (Linux, x86-64).")
    if arguments[:1] == [INSIDE]:
        fuzz(*arguments[1:])
    names = parser_names()
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("parsers", nargs="*", metavar="PARSER", help=f"one of: {', '.join(names)}; default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each parser (default: 60)")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parsers) - set(names):
        parser.error(f"there is no parser {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return max(run(name, asked.seconds) for name in asked.parsers or names)


def parser_names() -> list[str]:
    _prepare()
    return list(importlib.import_module("tests.fuzz.parsers").PARSERS)


def run(name: str, seconds: int) -> int:
    """Fuzz one parser in a process of its own; 1 where an input broke it."""
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        command = [sys.executable, "-m", "tests.fuzz", INSIDE, name, str(seconds), corpus]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    counted = [int(next(filter(None, found))) for found in RUNS.findall(done.stderr)]
    crashed = done.returncode != 0
    sys.stdout.write(f"{name:18} {max(counted, default=0):>12,} inputs  {'BROKEN' if crashed else 'nothing found'}\n")
    sys.stdout.flush()
    if crashed:
        sys.stdout.write("".join(f"    {line}\n" for line in (done.stdout + done.stderr).splitlines()[-25:]))
    if not any(folder.iterdir()):
        folder.rmdir()
    return int(crashed)


def fuzz(name: str, seconds: str, corpus: str) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris

    _prepare()
    with atheris.instrument_imports(include=INSTRUMENTED):
        parsers = importlib.import_module("tests.fuzz.parsers")
    for number, seed in enumerate(parsers.seeds(name)):
        (Path(corpus) / str(number)).write_bytes(seed)
    options = {"max_total_time": seconds, "max_len": LONGEST, "timeout": LONGEST_CALL, "rss_limit_mb": 4096}
    flags = [f"-{key}={value}" for key, value in options.items()]
    where = f"-artifact_prefix={FOUND / name}/"
    atheris.Setup([sys.argv[0], *flags, where, "-print_final_stats=1", corpus], parsers.PARSERS[name])
    atheris.Fuzz()


def _prepare() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
