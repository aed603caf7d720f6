"""An admin's way from a file of reports to a model in charge, and back, and through two steps of the taxonomy."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import not_here
from tests.e2e.conftest import PROJECT, Site
from tests.e2e.training_browser import call_off, start_and_wait

# Three trainings on 2,900 reports; the site is another one afterwards, so no other test of a browser may follow.
pytestmark = [pytest.mark.browser, pytest.mark.long]
SOON = 60_000  # ms; how long it takes is measured elsewhere, here it only has to happen
TRAINED = 300_000
# Techniques of ATT&CK, under the tactic that the file gives them.
LABELS = {
    "T1055": "privilege-escalation or stealth",
    "T1059.003": "execution",
    "T1071.001": "command-and-control",
    "T1082": "discovery",
    "T1105": "command-and-control",
    "T1106": "execution",
}
LEARNED, CARELESS, WAITING = 70, 60, 15  # reports: of each label; of T1105 for a careless person; of each label
MERGED, INTO, DIVIDED = "T1071.001", "T1105", "T1059.003"
Rows = list[dict[str, str]]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Decided reports, undecided ones that are all of T1105, and undecided ones of each label."""
    source = Path(os.environ.get("CASELOOP_DATA", "")) / "tram" / "sentences.csv"
    if not source.is_file():
        not_here("CASELOOP_DATA names no folder with tram/sentences.csv")
    with source.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    of = {name: iter([row for row in rows if row["sub_category"] == name]) for name in LABELS}
    learned = [row for name in LABELS for row in islice(of[name], LEARNED)]
    careless = list(islice(of["T1105"], CARELESS))
    waiting = [row for name in LABELS for row in islice(of[name], WAITING)]
    return (
        _written(tmp_path / "threat-reports.csv", learned),
        _written(tmp_path / "careless.csv", _without_labels(careless)),
        _written(tmp_path / "waiting.csv", _without_labels(waiting)),
    )


def _without_labels(rows: Rows) -> Rows:
    return [row | {"category": "", "sub_category": ""} for row in rows]


def _written(path: Path, rows: Rows) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def command(site: Site, *words: str) -> Any:
    """What a command says of the same installation, as JSON."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BROKER_URL"}}
    done = subprocess.run(
        [sys.executable, "manage.py", *words, "--json"],
        cwd=PROJECT,
        env=environment | {"CASELOOP_HOME": str(site.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def bring_in(page: Page, file: Path) -> None:
    page.goto("/imports/new/")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_label("Add labels that the taxonomy lacks").check()
    page.get_by_label("Column that keeps reports together").fill("document")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#import-state")).to_contain_text("What came of it", timeout=SOON)
    assert page.locator("[data-figure=refused]").inner_text() == "0"


def decide_all_wrongly(page: Page, label: str) -> None:
    """As one who gives all that waits from an import the same label."""
    page.goto("/bulk/new/?scope=filter&query=source%3Dimport%26status%3Dwaiting")
    page.get_by_label("These labels, for all of them").check()
    page.get_by_text("Labels, if all get the same").click()
    page.get_by_label(re.compile(rf"{re.escape(label)}$")).check()
    page.get_by_role("button", name="Preview again").click()
    page.get_by_role("button", name=re.compile(r"^Decide \d+ reports$")).click()
    expect(page.locator("#bulk-progress")).to_contain_text("Done", timeout=SOON)


def train(page: Page, counts: dict[str, str]) -> str:
    """Train a linear model; `counts` says how much the reports of a person or an import count. The version's name."""
    page.goto("/models/train/")
    page.get_by_label("Linear alone").check()
    for group in page.locator("details:has(table.factors) > summary").all():
        group.click()
    for name, count in counts.items():
        page.get_by_label(f"How much {name}").fill(count)
    return start_and_wait(page, TRAINED)


def promote(page: Page, version: str, reason: str) -> None:
    open_promotion(page, version)
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Promote", exact=True).click()
    expect_in_charge(page, version)


def open_promotion(page: Page, version: str) -> None:
    page.goto("/models/lines/classify/")
    page.get_by_role("link", name=f"Promote {version}").click()


def number_of(page: Page, version: str) -> str:
    """In the addresses of its pages."""
    page.goto("/models/lines/classify/")
    address = page.get_by_role("link", name=version, exact=True).first.get_attribute("href") or ""
    return address.rstrip("/").split("/")[-1]


def expect_in_charge(page: Page, version: str) -> None:
    page.goto("/models/lines/classify/")
    expect(page.locator("#champion-title")).to_contain_text(version)


def read_comparison(site: Site, page: Page, one: str, other: str) -> None:
    """The page says in a sentence whether the difference is real, with the figures of the command."""
    page.goto(f"/models/{number_of(page, one)}/compare/{number_of(page, other)}/")
    measure = page.get_by_role("button", name="Measure both on the same test reports")
    if measure.count():
        measure.click()
    expect(page.locator("#verdict-title")).to_be_visible(timeout=SOON)
    said = page.locator("main").inner_text()
    found = command(site, "compare", one, "--with", other)
    both = next(view for view in found["views"] if view["name"] == "both")
    assert f"p = {both['p']:.3f}" in said
    assert f"On the same {found['reports']} test reports {one} is exactly right in {percent(both['one'])}, " in said
    assert f"{one} is right in {both['gained']} that {other} has wrong, and wrong in {both['lost']}" in said
    for name in ("one", "other"):
        assert percent(both["macro_f1"][name]) in said


def percent(share: Any) -> str:
    return f"{(share['value'] if isinstance(share, dict) else share):.1%}".replace("%", "\N{NO-BREAK SPACE}%")


def force(site: Site, admin: Page, lead: Page, version: str) -> None:
    """The gate refuses it with figures; it takes over once a second person agrees."""
    open_promotion(admin, version)
    admin.get_by_role("button", name="Let the gate judge again, and record it").click()
    expect(admin.locator("#gate-title + .badge")).to_contain_text("refuses it")
    verdict = command(site, "gate", version)
    assert not verdict["passed"]
    for check in verdict["checks"]:
        expect(admin.locator("main")).to_contain_text(check["finding"])
    admin.get_by_label("Reason").fill("a court order")
    admin.get_by_role("button", name="Ask a second person").click()
    expect(admin.locator("main")).to_contain_text("your own agreement does not count")
    lead.goto("/models/lines/classify/")
    lead.get_by_role("button", name="Agree: put it in charge").click()
    expect_in_charge(admin, version)


def suggested(site: Site, version: str) -> Counter[str]:
    """How many imported reports that wait are suggested to be of each label; once all were read by that version."""
    page, deadline = site.page("analyst"), time.monotonic() + SOON / 1000
    while True:
        text = page.request.get("/queue/export.csv?source=import&status=waiting").text()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        if rows and {row["model"] for row in rows} == {version}:
            page.context.close()
            return Counter(row["predicted_labels"] for row in rows)
        assert time.monotonic() < deadline, Counter(row["model"] for row in rows)
        time.sleep(1)


def merge(site: Site, page: Page, version: str) -> None:
    """What waits with either label is suggested the one label afterwards, by the same model."""
    before = suggested(site, version)
    whole, gone = (f"{LABELS[name]} / {name}" for name in (INTO, MERGED))
    assert before[gone] > 0
    open_label(page, MERGED, "Merge into another label")
    page.get_by_label("Into").select_option(label=whole)
    page.get_by_role("button", name="See what it would change").click()
    expect(page.locator("main")).to_contain_text("No training is needed")
    page.get_by_label("Reason").fill("worked on by one team")
    page.get_by_role("button", name="Take this step").click()
    follow_step(page)
    after = suggested(site, version)
    assert after == before - Counter({gone: before[gone]}) + Counter({whole: before[gone]})


def split(admin: Page, analyst: Page) -> None:
    """Whoever splits a label sees how many reports have to be told apart, and the list shows just these."""
    open_label(admin, DIVIDED, "Split into parts")
    admin.get_by_label("Its parts").fill("Interactive shell\nBatch script")
    admin.get_by_role("button", name="See what it would change").click()
    expect(admin.locator("main")).to_contain_text("No model knows the new labels")
    admin.get_by_role("button", name="Take this step").click()
    follow_step(admin)
    said = admin.locator("#look-title").inner_text()
    assert said == f"{LEARNED} reports to look at"
    number = admin.url.rstrip("/").split("/")[-1]
    analyst.goto(f"/queue/?status=decided&look={number}")
    expect(analyst.locator("main")).to_contain_text(f"{LEARNED} reports To look at after step {number}")


def open_label(page: Page, name: str, action: str) -> None:
    page.goto("/taxonomy/")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name=action).click()


def follow_step(page: Page) -> None:
    """Until the list of reports follows it."""
    expect(page.locator("#facts-title")).to_be_visible()
    expect(page.locator("#step-state .alert")).to_have_count(0, timeout=SOON)


def test_an_admin_brings_a_model_into_charge_and_takes_it_back(site: Site, files: Sequence[Path]):
    admin, analyst, lead = site.page("admin"), site.page("analyst"), site.page("lead")
    learned, careless, waiting = files
    call_off(admin, SOON)
    for file in (learned, careless):
        bring_in(admin, file)
    decide_all_wrongly(analyst, "T1106")
    bring_in(admin, waiting)

    with_all = train(admin, {})
    without = train(admin, {"analyst": "0"})
    expect(admin.locator("main")).to_contain_text(str(CARELESS))
    read_comparison(site, admin, without, with_all)
    promote(admin, without, "does not learn from careless decisions")

    worse = train(admin, {"analyst": "0", learned.name: "0.00001"})
    force(site, admin, lead, worse)
    admin.goto("/models/roll-back/?line=classify")
    admin.get_by_label("Reason").fill("the court order has ended")
    admin.get_by_role("button", name="Roll back").click()
    expect_in_charge(admin, without)
    admin.goto("/models/history/")
    for said in ("does not learn from careless decisions", "a court order", "the court order has ended", "refused"):
        expect(admin.locator("main")).to_contain_text(said)

    merge(site, admin, without)
    split(admin, analyst)
    assert site.troubles == []
