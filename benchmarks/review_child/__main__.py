"""`python -m benchmarks.review_child REPORTS PREDICTIONS`: fills an empty installation with reports to review.

Each report has so many predictions, the last one by the champion. The last line printed is JSON: the key of a signed-in
analyst's session, and the seconds that the server took for each step, measured in this process.
"""

import json
import os
import re
import sys
import time
from statistics import median

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np  # noqa: E402 (Django first)
from django.test import Client  # noqa: E402

from benchmarks.desk_child.filling import tidy  # noqa: E402
from classifier.models import ModelVersion, Prediction  # noqa: E402
from config.static import collect  # noqa: E402
from incidents.demo.reports import generate_reports  # noqa: E402
from incidents.models import Incident, Label, Path, TextRevision, User  # noqa: E402
from incidents.roles import sync_roles  # noqa: E402
from incidents.services import demo  # noqa: E402
from tests.builders import make_user, make_version  # noqa: E402

PIECE = 2_000
WORDINGS = 1_000  # different texts; the rest repeat them
TIMED = 60  # steps of each kind
DECIDED = 0.5  # of the reports, so that both sides of every index are long


def fill(reports: int, predictions: int) -> User:
    sync_roles()
    demo.seed(reports=1)
    versions = [make_version(stage="champion" if last else "archived") for last in _last_of(predictions)]
    texts = [sample.text for sample in generate_reports(min(WORDINGS, reports), 7)]
    rng = np.random.default_rng(5)
    for start in range(0, reports, PIECE):
        _file(range(start, min(start + PIECE, reports)), texts, versions, rng)
    analyst = make_user("asha", "analyst")
    _decide(analyst)
    tidy()
    return analyst


def _last_of(count: int) -> list[bool]:
    return [place == count - 1 for place in range(count)]


def _file(places: range, texts: list[str], versions: list[ModelVersion], rng: np.random.Generator) -> None:
    path_ids = versions[0].snapshot.path_ids
    chances = rng.dirichlet(np.full(len(path_ids), 0.1), len(places))
    best = chances.argmax(axis=1)
    confidence = chances.max(axis=1)
    names = {path.pk: path for path in Path.objects.with_names()}
    rows = Incident.objects.bulk_create(
        Incident(
            source="import",
            split_group=str(place),
            split="train",
            status="decided" if rng.random() < DECIDED else "classified",
            current_model=versions[-1].name,
            current_category=" or ".join(names[path_ids[top]].category_names),
            current_confidence=float(sure),
            review_priority=1 - float(sure),
        )
        for place, top, sure in zip(places, best, confidence, strict=True)
    )
    words = TextRevision.objects.bulk_create(
        TextRevision(incident=row, title=f"Report {place}", text=texts[place % len(texts)], text_hash=str(place))
        for row, place in zip(rows, places, strict=True)
    )
    for row, text in zip(rows, words, strict=True):
        row.current_text = text
    Incident.objects.bulk_update(rows, ["current_text"], batch_size=500)
    Prediction.objects.bulk_create(
        Prediction(
            incident=row,
            text_revision=text,
            version=version,
            taxonomy_version=version.snapshot.taxonomy_version,
            distribution=chances[place].astype(np.float16).tobytes(),
            path_ids=[path_ids[best[place]]],
            confidence=float(confidence[place]),
            unsure=False,
            threshold=0.5,
            seconds=0.01,
        )
        for version in versions
        for place, (row, text) in enumerate(zip(rows, words, strict=True))
    )


def _decide(analyst: User) -> None:
    """Give every decided report its label, all by one person: the longest list of one's own there can be."""
    decided = Incident.objects.filter(status="decided").order_by("pk")
    version = Prediction.objects.values_list("taxonomy_version", flat=True).first()
    while rows := list(decided.filter(current_label=None)[:PIECE]):
        labels = Label.objects.bulk_create(
            Label(
                incident=row,
                text_revision_id=row.current_text_id,
                taxonomy_version_id=version,
                reviewer=analyst,
                verdict="confirm",
                created_at=row.created_at - demo.SPREAD,
            )
            for row in rows
        )
        for row, label in zip(rows, labels, strict=True):
            row.current_label, row.decided_at = label, label.created_at
        Incident.objects.bulk_update(rows, ["current_label", "decided_at"], batch_size=500)


def server_times(client: Client) -> dict[str, list[float]]:
    """Milliseconds of the page, of the report ahead, and of a decision whose next report is on the page already."""
    times: dict[str, list[float]] = {"page": [], "ahead": [], "decision": []}
    pk = int(client.get("/review/").url.split("/")[-2])
    for _ in range(TIMED):
        _timed(times["page"], lambda pk=pk: client.get(f"/review/{pk}/"))
        found = _timed(times["ahead"], lambda pk=pk: client.get("/review/ahead/", {"after": pk}))
        following, revision = (
            int(value) for value in re.findall(rb'data-(?:report|revision)="(\d+)"', found.content)[:2]
        )
        seen = Prediction.objects.filter(incident=pk).order_by("-pk")[0]
        sent = {
            "verdict": "confirm",
            "paths": seen.path_ids,
            "revision": seen.text_revision_id,
            "shown": seen.pk,
            "ahead": following,
            "ahead_revision": revision,
        }
        answer = _timed(times["decision"], lambda pk=pk, sent=sent: client.post(f"/review/{pk}/", sent))
        assert b"data-confirmed" in answer.content
        pk = following
    return times


def _timed(into: list[float], act):  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    answer = act()
    into.append((time.perf_counter() - started) * 1000)
    return answer


def main(reports: int, predictions: int) -> None:
    collect()
    client = Client(headers={"host": "localhost"})
    client.force_login(fill(reports, predictions))
    times = server_times(client)
    print()
    server = {name: [median(one), float(np.percentile(one, 95))] for name, one in times.items()}
    print(json.dumps({"session": client.cookies["sessionid"].value, "server": server}))


main(int(sys.argv[1]), int(sys.argv[2]))
