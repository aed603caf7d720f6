"""`python -m benchmarks [NAME ...]`: runs benchmarks, prints their tables, writes benchmarks/results/NAME.json.

A benchmark is a module of this package with
    NAME    what it is called here and in results/
    ABOUT   one line on what is compared
    run(quick) -> dict that JSON can hold: "rows" (dicts, the table), and whatever else is worth keeping
    THREADS (optional, else 1) for torch and BLAS
Where something is missing (data, a GPU), `run` raises needs.NotRun. `quick` asks for the same way in seconds; its
figures mean nothing and are not written. Several benchmarks run in a process each, so that peaks of memory are
their own.
"""

import argparse
import json
import pkgutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from threadpoolctl import threadpool_limits

import benchmarks
from benchmarks.machine import commit, machine, versions
from benchmarks.needs import NotRun
from benchmarks.table import table

RESULTS = Path(__file__).parent / "results"


def found() -> dict[str, ModuleType]:
    """Every benchmark by its name."""
    modules = [import_module(f"benchmarks.{name}") for name in _files()]
    return {module.NAME: module for module in modules if hasattr(module, "NAME")}


def _named(name: str) -> ModuleType | None:
    """The benchmark of a name, without loading the others and what they need."""
    module = import_module(f"benchmarks.{name}") if name in _files() else None
    return module if hasattr(module, "NAME") else None


def _files() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures, side by side, in one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benchmarks; all without a name")
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--quick", action="store_true", help="the same way in seconds: for tests, nothing is written")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        print(table([{"name": name, "about": module.ABOUT} for name, module in found().items()]))
        return 0
    if len(chosen.names) == 1 and (module := _named(chosen.names[0])):
        return measure(module, chosen.quick)
    known = found()
    unknown = set(chosen.names) - set(known)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    names = chosen.names or list(known)
    quick = ["--quick"] if chosen.quick else []
    return max(subprocess.run([sys.executable, "-m", "benchmarks", name, *quick]).returncode for name in names)


def measure(module: ModuleType, quick: bool) -> int:
    print(f"\n{module.NAME}: {module.ABOUT}", flush=True)
    threads = getattr(module, "THREADS", 1)
    started = time.monotonic()
    torch.set_num_threads(threads)
    try:
        with threadpool_limits(threads):
            result = module.run(quick)
    except NotRun as reason:
        print(f"not run: {reason}")
        return 0
    about = {
        "benchmark": module.NAME,
        "about": module.ABOUT,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started),
        "commit": commit(),
        "threads": threads,
        "machine": machine(),
        "versions": versions(),
    }
    print(table(result["rows"]))
    if not quick:
        _write(module.NAME, {**about, **result})
    return 0


def _write(name: str, result: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"written: {file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
