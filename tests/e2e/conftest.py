"""The real thing: `make demo`'s processes in an empty home, and a real Chromium that looks at them."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import free_port, not_here

PROJECT = Path(__file__).resolve().parent.parent.parent
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
START_SECONDS = 240
# What a page asks for as soon as it is there is asked for before its load event.
SETTLED = """
() => new Promise((settled) => {
    const look = () =>
        document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling") ? setTimeout(look, 20) : settled();
    look();
})
"""

# The browser's driver keeps an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@dataclass
class Site:
    """A running installation. `troubles` collects what any page complained about."""

    url: str
    home: Path
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    @property
    def passwords(self) -> dict[str, str]:
        lines = (self.home / "demo-accounts.txt").read_text().splitlines()
        return dict(line.split() for line in lines if line and not line.startswith("#"))

    def page(self, role: str = "", scheme: str = "light", width: int = 1400) -> Page:
        """A page in a fresh browser session, signed in by keyboard where a role is given."""
        context = self.browser.new_context(
            base_url=self.url, color_scheme=scheme, viewport={"width": width, "height": 900}
        )
        page = context.new_page()
        page.on("console", lambda message: self._note(page, message.type, message.text))
        page.on("pageerror", lambda error: self._note(page, "error", str(error)))
        if role:
            page.goto("/accounts/login/")
            page.get_by_label("Username").fill(role)
            page.get_by_label("Password", exact=True).fill(self.passwords[role])
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile(f"^{re.escape(self.url)}/(tour/)?$"))
            if page.url.endswith("/tour/"):  # the first sign-in of that account
                page.get_by_role("button", name="Skip the tour").click()
                page.wait_for_url(f"{self.url}/")
        return page

    def _note(self, page: Page, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.troubles.append(f"{page.url}: {text}")


def _wait_until_it_answers(process: "subprocess.Popen[str]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"no answer within {START_SECONDS} s:\n{log.read_text()}")


def _leave_nothing_to_chance(home: Path) -> None:
    """No report is drawn for the audit or for a second opinion: what a test reviews shows its suggestion."""
    with closing(sqlite3.connect(home / "caseloop.sqlite3", timeout=60)) as database, database:
        for key in ("blind_share", "second_opinion_share"):
            database.execute(
                "INSERT INTO incidents_setting (key, value, created_at) VALUES (?, '0.0', CURRENT_TIMESTAMP)", [key]
            )
        database.execute("UPDATE incidents_incident SET blind = 0")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        not_here("Chromium is not on the PATH (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A first start of `make demo` behind its installation step; stopped as by Ctrl-C, and cleanly."""
    home = tmp_path_factory.mktemp("home")
    port = free_port()
    log = home / "demo.log"
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "BROKER_URL"}}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.demo"],
            cwd=PROJECT,
            env=environment | {"CASELOOP_HOME": str(home), "PORT": str(port)},
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        _wait_until_it_answers(process, f"http://127.0.0.1:{port}", log)
        _leave_nothing_to_chance(home)
        yield Site(f"http://127.0.0.1:{port}", home, chromium)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, log.read_text()
