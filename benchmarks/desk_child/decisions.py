"""Rows of what people decided: verdicts, second opinions, what was taken back, and who did it when."""

import datetime as dt
from typing import Any

import numpy as np

from benchmarks.desk_child.people import Desk
from benchmarks.desk_child.plan import Plan
from benchmarks.desk_child.reports import Ids
from config.store import Insert, insert_alike, reserve_ids
from incidents.models import AuditEvent, Incident, Label, Retraction, SecondOpinion

TAKEN_BACK = 0.06  # of the decided reports had another verdict before
SECOND_OPINIONS = 0.05
STATES = ("agreed", "agreed", "agreed", "disputed", "adjudicated", "waiting")
VERDICTS = {"rejected": "reject", "second_look": "unsure"}


def write_decisions(plan: Plan, desk: Desk, ids: Ids, rng: np.random.Generator) -> None:
    places = [place for place, label in enumerate(ids.labels) if label is not None]
    whose = _people(desk, len(places), rng)
    labels = [_Row(plan, desk, ids, place, person) for place, person in zip(places, whose, strict=True)]
    _labels([row.columns for row in labels], [row.paths for row in labels])
    _audit(labels)
    _taken_back([row for row in labels if rng.random() < TAKEN_BACK and row.reviewer], desk)
    _second_opinions([row for row in labels if rng.random() < SECOND_OPINIONS and row.reviewer], desk, rng)


class _Row:
    """One verdict as it is about to be written."""

    def __init__(self, plan: Plan, desk: Desk, ids: Ids, place: int, reviewer: int) -> None:
        guess, true, status = plan.guessed[-1][place], plan.truth[place], plan.status[place]
        imported = plan.came_decided(place)
        self.place, self.reviewer = place, None if imported else reviewer
        self.paths = [desk.paths[true].pk] if status == "decided" else []
        self.created = plan.created[place] if imported else plan.labelled(place)
        right = "confirm" if guess == true else "correct"
        self.columns: dict[str, Any] = {
            "id": ids.labels[place],
            "incident_id": ids.incidents[place],
            "text_revision_id": ids.texts[place],
            "reviewer_id": self.reviewer,
            "source": "import" if imported else "review",
            "verdict": VERDICTS.get(status, right),
            "shown_model": "" if imported else desk.versions[-1].name,
            "suggested": None if imported else [desk.paths[guess].pk],
            "suggested_confidence": None if imported else float(plan.chances[-1][place].max()),
            "blind": not imported and ids.incidents[place] % 20 == 0,
            "slot": 1,
            "seconds": None if imported else 3 + 60 * float(plan.chance[place]) ** 3,
            "taxonomy_version_id": desk.taxonomy.pk,
            "created_at": self.created,
        }


def _people(desk: Desk, count: int, rng: np.random.Generator) -> list[int]:
    """Who decided: some do far more than others."""
    shares = 1 / np.arange(1, len(desk.reviewers) + 1)
    return [desk.reviewers[place].pk for place in rng.choice(len(shares), count, p=shares / shares.sum())]


def _labels(rows: list[dict[str, Any]], paths: list[list[int]]) -> None:
    if not rows:
        return
    insert_alike(Label, {name: [row[name] for row in rows] for name in rows[0]})
    joined = [(row["id"], path) for row, own in zip(rows, paths, strict=True) for path in own]
    Insert(Label.paths.through, ("label_id", "path_id")).run(joined)


def _audit(labels: list[_Row]) -> None:
    rows = [row for row in labels if row.reviewer]
    columns = {
        "incident_id": [row.columns["incident_id"] for row in rows],
        "actor_id": [row.reviewer for row in rows],
        "detail": [{"verdict": row.columns["verdict"]} for row in rows],
        "created_at": [row.created for row in rows],
    }
    insert_alike(AuditEvent, columns, kind="incident.labelled")


def _taken_back(rows: list[_Row], desk: Desk) -> None:
    """Verdicts that stood before the present ones, a minute long."""
    if not rows:
        return
    numbers = reserve_ids(Label, len(rows))
    before = [row.created - dt.timedelta(minutes=1) for row in rows]
    _labels(
        [
            {**row.columns, "id": number, "verdict": "correct", "created_at": at}
            for row, number, at in zip(rows, numbers, before, strict=True)
        ],
        [[desk.paths[row.place % len(desk.paths)].pk] for row in rows],
    )
    columns = {"label_id": numbers, "by_id": [row.reviewer for row in rows], "created_at": before}
    insert_alike(Retraction, columns)


def _second_opinions(rows: list[_Row], desk: Desk, rng: np.random.Generator) -> None:
    rows = [row for row in rows if row.paths]
    states = rng.choice(STATES, len(rows)).tolist()
    given = [(row, state) for row, state in zip(rows, states, strict=True) if state != "waiting"]
    if not given:
        return
    numbers = reserve_ids(Label, len(given))
    others = {row.reviewer: person.pk for row, _ in given for person in desk.reviewers if person.pk != row.reviewer}
    _labels(
        [
            {**row.columns, "id": number, "reviewer_id": others[row.reviewer], "slot": 2}
            for (row, _), number in zip(given, numbers, strict=True)
        ],
        [row.paths if state == "agreed" else [desk.paths[row.place % len(desk.paths)].pk] for row, state in given],
    )
    second = dict(zip((row.place for row, _ in given), numbers, strict=True))
    columns = {
        "incident_id": [row.columns["incident_id"] for row in rows],
        "state": states,
        "first_id": [row.columns["id"] for row in rows],
        "second_id": [second.get(row.place) for row in rows],
        "created_at": [row.created for row in rows],
    }
    insert_alike(SecondOpinion, columns)
    disputed = [row.columns["incident_id"] for row, state in zip(rows, states, strict=True) if state == "disputed"]
    Incident.objects.filter(pk__in=disputed).update(status="second_look", decided_at=None)
