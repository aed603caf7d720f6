"""The whole suite on SQLite, then what touches a database again on PostgreSQL; each in an empty CASELOOP_HOME.

    python -m tests.suite [--coverage | --chaos]

TEST_DATABASE_URL names the PostgreSQL server (default: the one on this machine, port 5432). What is missing is
skipped and listed; with CI=true it is a failure. TEST_VECTOR_DATABASE_URL names one with pgvector, of a superuser,
for tests of similar reports. PYTEST_ADDOPTS reaches pytest as usual. --chaos runs the tests that kill and stop real
processes, and only those, on both databases; without it the shorter half of them runs, on SQLite.
"""

import os
import subprocess
import sys
import tempfile
import time

import psycopg

LOCAL_POSTGRES = "postgres://127.0.0.1:5432/caseloop"
OURS = (
    "SECRET_KEY",
    "DATABASE_URL",
    "BROKER_URL",
    "CASELOOP_HOME",
    "DJANGO_DEBUG",
    "PORT",
    "PUBLIC_URL",
    "EMAIL_URL",
    "TIME_ZONE",
    "PYTHONDONTWRITEBYTECODE",  # hundreds of processes are started, and each would compile everything anew
)
# Two at once on two cores; more than four only crowd the tests that start processes.
PARALLEL = ["-n", str(min(os.cpu_count() or 1, 4)), "--no-loadscope-reorder"]  # by file: tests/conftest.py
USUAL = [*PARALLEL, "-m", "not long and not vectors"]
# A browser, a stranger and a command get the same from the services, which run on both; the other folders open none.
ONCE_IS_ENOUGH = [
    *PARALLEL,
    "-p",
    "tests.only_database",
    "-m",
    "not browser and not chaos and not long and not vectors",
    "--ignore=tests/classifier/commands",
    "--ignore=tests/classifier/ml",
    "--ignore=tests/events/stream",
    "--ignore=tests/demo",
    "--ignore=tests/security",
    "--ignore=tests/fuzz",
    "--ignore=tests/benchmarks",
]
CHAOS = ["-m", "chaos or long"]
VECTORS = ["tests/classifier/services/test_similar.py"]


def main(arguments: list[str]) -> int:
    coverage = ["--cov", "--cov-report=term:skip-covered"] if "--coverage" in arguments else []
    chaos = CHAOS if "--chaos" in arguments else []
    results = {"SQLite": run_pytest("SQLite", {}, chaos or [*USUAL, *coverage])}
    if coverage:
        return max(results.values())
    results["PostgreSQL"] = on_postgres("PostgreSQL", "TEST_DATABASE_URL", LOCAL_POSTGRES, chaos or ONCE_IS_ENOUGH)
    if not chaos:
        results["pgvector"] = on_postgres("PostgreSQL with pgvector", "TEST_VECTOR_DATABASE_URL", "", VECTORS)
    return max(results.values())


def on_postgres(name: str, variable: str, usual: str, options: list[str]) -> int:
    address = os.environ.get(variable) or usual
    if reason := unreachable(address) if address else "no server is named":
        sys.stdout.write(f"\n{name}: not run, because {reason}. Start one, or name one: {variable}=postgres://...\n")
        return 1 if os.environ.get("CI", "").lower() in {"1", "true"} else 0
    return run_pytest(name, {"DATABASE_URL": address}, options)


def run_pytest(name: str, environment: dict[str, str], options: list[str]) -> int:
    clean = {key: value for key, value in os.environ.items() if key not in OURS}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="caseloop-tests-") as home:
        sys.stdout.write(f"\n=== The suite on {name}\n")
        sys.stdout.flush()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options],
            env=clean | {"CASELOOP_HOME": home} | environment,
            check=False,
        )
    sys.stdout.write(f"=== {name}: exit status {done.returncode}, {time.monotonic() - began:.0f} s\n")
    return done.returncode


def unreachable(address: str) -> str:
    """Why the PostgreSQL server of `address` cannot be used; empty where it can."""
    server = address.rpartition("/")[0] + "/postgres"
    try:
        with psycopg.connect(server, connect_timeout=3):
            return ""
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
