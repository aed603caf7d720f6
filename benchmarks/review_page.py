"""How fast somebody who knows every answer gets through the review: a real browser, driven by its keyboard.

Enter to the next report: from the key to the frame in which the next report stands, in the page's own clock. Decisions
a minute: the key is pressed as soon as the page takes keys again, which it does not for a moment after a report
appeared. Server times are of one process without HTTP, on the same rows. Label Studio took 502 to 1,063 ms on such a
machine (docs/evaluation.md says how).
"""

import json
import shutil
import subprocess
import sys
import time
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.event_http import answers, free_port, running, wait
from benchmarks.event_site import ROOT, SITES, Site
from benchmarks.needs import NotRun
from workers import supervisor

NAME = "review_page"
ABOUT = "the review page in a browser: Enter to the next report, decisions a minute, server time of its steps"

REPORTS, PREDICTIONS = 100_000, 5
QUICK_REPORTS = 150
DECISIONS, QUICK_DECISIONS = 60, 6
TAKES_KEYS_MS = 310  # after a report appeared

# When Enter was pressed, and the milliseconds until the frame after the next report was put into the page.
CLOCK = """
window.pressed = null; window.taken = [];
document.addEventListener("keydown", (event) => event.key === "Enter" && (window.pressed = performance.now()), true);
document.addEventListener("review:shown", () => {
  const pressed = window.pressed;
  if (pressed === null) return;
  window.pressed = null;
  requestAnimationFrame(() => requestAnimationFrame(() => window.taken.push(performance.now() - pressed)));
});
"""


def run(quick: bool = False) -> dict[str, Any]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise NotRun("no Chromium")
    rows = []
    for database, site_of in SITES.items():
        with site_of() as site:
            rows.append({"database": database, **_measured(site, program, quick)})
    return {"rows": rows, "reports": QUICK_REPORTS if quick else REPORTS, "predictions_each": PREDICTIONS}


def _measured(site: Site, program: str, quick: bool) -> dict[str, Any]:
    filled = _fill(site, QUICK_REPORTS if quick else REPORTS)
    port = free_port()
    site.environment |= {"PORT": str(port)}
    web = supervisor.web_command(sys.executable, bind=f"127.0.0.1:{port}", workers=2)
    with running(site, web):
        wait(site, lambda: answers(port))
        milliseconds, minutes = _driven(program, f"http://127.0.0.1:{port}", filled["session"], quick)
    figures = {
        "Enter to next, median ms": round(float(np.median(milliseconds)), 1),
        "p95 ms": round(float(np.percentile(milliseconds, 95)), 1),
        "decisions a minute": round(len(milliseconds) / minutes),
    }
    for step, (middle, high) in filled["server"].items():
        figures |= {f"server: {step}, median ms": round(middle, 1), f"{step}, p95 ms": round(high, 1)}
    return figures


def _fill(site: Site, reports: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.review_child", str(reports), str(PREDICTIONS)]
    done = subprocess.run(command, env=site.environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _driven(program: str, url: str, session: str, quick: bool) -> tuple[list[float], float]:
    """(milliseconds from key to report of each decision, minutes that all took together)"""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=url)
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        page = context.new_page()
        page.goto("/review/")
        page.evaluate(CLOCK)
        page.wait_for_timeout(1000)
        started = time.perf_counter()
        for number in range(QUICK_DECISIONS if quick else DECISIONS):
            _decide(page, number)
        minutes = (time.perf_counter() - started) / 60
        taken: list[float] = page.evaluate("window.taken")
        browser.close()
    return taken, minutes


def _decide(page: Page, number: int) -> None:
    page.keyboard.press("Enter")
    page.wait_for_function("number => window.taken.length > number", arg=number)
    page.wait_for_timeout(TAKES_KEYS_MS)
