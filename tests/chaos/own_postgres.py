"""A PostgreSQL server of the test's own, which it may stop and start; made from the programs on this machine."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.installation import free_port
from tests.conftest import not_here


class OwnPostgres:
    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs, self.port = folder, programs, free_port()

    @property
    def url(self) -> str:
        return f"postgres://caseloop@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "caseloop", "--auth=trust")

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w", "-o", options, "start"
        )

    def crash(self) -> None:
        """As when its machine goes down: no client is told, and the next start recovers from the log."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None  # the server refuses to run as root
        subprocess.run(
            [self.programs / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self.folder,
            user=user.pw_uid if user else None, group=user.pw_gid if user else None,
        )  # fmt: skip


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Running. Skips the test where PostgreSQL's programs are not installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = places[-1] if places else shutil.which("initdb")
    if found is None:
        not_here("PostgreSQL's programs are not installed (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="caseloop-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        server = OwnPostgres(folder, Path(found).parent)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.crash()
