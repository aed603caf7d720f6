"""10,000 reports that are all different, imported by the command from a CSV file into an empty installation.

"as told": the texts of the demonstration as they are, a third of a page and more; "in short": the first 150 characters
of each, the length of the sentences that doccano and Label Studio were given (docs/evaluation.md). Seconds are what the
command says, the start of Python aside; with labels, as those were. Each row is the least of its rounds.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.event_site import ROOT, SITES, Site
from benchmarks.needs import NotRun
from classifier.ml.taxonomy import join_labels
from incidents.demo.reports import SyntheticReport, generate_reports

NAME = "import_speed"
ABOUT = "seconds to import 10,000 different reports, on SQLite and PostgreSQL"
ACTIONS = "benchmarks.desk_child.actions"
REPORTS, QUICK_REPORTS, ROUNDS = 10_000, 60, 3
SHORT = 150  # characters


def run(quick: bool) -> dict[str, Any]:
    reports = list(generate_reports(QUICK_REPORTS if quick else REPORTS, seed=5))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        files = {
            name: _written(Path(folder) / f"{name}.csv", reports, cut)
            for name, cut in (("as told", None), ("in short", SHORT))
        }
        for database in SITES:
            for name, file in files.items():
                rows.append({"database": database, "texts": name, **_best(database, file, 1 if quick else ROUNDS)})
    return {"rows": rows, "rounds": ROUNDS, "load": os.getloadavg()}


def _written(file: Path, reports: list[SyntheticReport], cut: int | None) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "category", "sub_category"])
        for number, report in enumerate(reports):
            text = report.text if cut is None else f"{report.text[:cut]} {number}"
            categories, sub_categories = (join_labels(names) for names in zip(*report.rows, strict=True))
            writer.writerow([text, categories, sub_categories])
    return file


def _best(database: str, file: Path, rounds: int) -> dict[str, Any]:
    try:
        taken = [_imported(database, file) for _ in range(rounds)]
    except NotRun as reason:
        return {"not run": str(reason)}
    best = min(taken, key=lambda one: float(one["seconds"]))
    return {"reports": best["taken"], "seconds": best["seconds"], "a second": round(best["taken"] / best["seconds"])}


def _imported(database: str, file: Path) -> dict[str, Any]:
    with SITES[database](ACTIONS) as site:
        site.ask("taxonomy")
        return _command(site, "import_incidents", str(file), "--json")


def _command(site: Site, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], env=site.environment, cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
