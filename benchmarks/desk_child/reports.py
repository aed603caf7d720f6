"""Rows of reports, their texts, words, predictions and vectors, a piece at a time."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.desk_child.people import Desk
from benchmarks.desk_child.plan import LABELLED, Plan
from classifier.ml.taxonomy import join_labels
from classifier.models import Embedding, Prediction
from config.store import Insert, insert_alike, reserve_ids
from incidents.models import Incident, SearchDocument, TextBand, TextRevision
from incidents.words import indexed

DIMENSIONS = 128
BANDS = 8
THRESHOLD = 0.5


@dataclass(frozen=True)
class Ids:
    """Numbers of the rows of one piece. `labels` has None where nobody has decided."""

    incidents: list[int]
    texts: list[int]
    labels: list[int | None]


def write_reports(plan: Plan, desk: Desk, ids: Ids, rng: np.random.Generator) -> None:
    names = [(join_labels(path.category_names), path.sub_category_name) for path in desk.paths]
    _incidents(plan, desk, ids, names)
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in plan.texts]
    insert_alike(
        TextRevision,
        {
            "id": ids.texts,
            "incident_id": ids.incidents,
            "title": plan.titles,
            "text": plan.texts,
            "text_hash": hashes,
            "created_at": plan.created,
        },
    )
    words = [indexed(*names[true], *said) for true, *said in zip(plan.truth, plan.titles, plan.texts, strict=True)]
    insert_alike(SearchDocument, {"incident_id": ids.incidents, "words": words})
    keys = rng.integers(-(2**63), 2**63, (len(ids.incidents), BANDS)).tolist()
    Insert(TextBand, ("incident_id", "key")).run(
        [(pk, key) for pk, own in zip(ids.incidents, keys, strict=True) for key in own]
    )
    _predictions(plan, desk, ids, _vectors(desk, ids, rng))


def _incidents(plan: Plan, desk: Desk, ids: Ids, names: list[tuple[str, str]]) -> None:
    chances = plan.chances[-1].astype(float)
    best, guessed = np.sort(chances, axis=1), plan.guessed[-1]
    read = [status != "new" for status in plan.status]
    decided = [status in {"decided", "rejected"} for status in plan.status]
    reporters = desk.people["reporter"]
    shown = [
        names[true][0] if status == "decided" else names[guess][0] if was_read else ""
        for true, guess, status, was_read in zip(plan.truth, guessed, plan.status, read, strict=True)
    ]

    def where(kept: list[bool], values: Any, otherwise: Any) -> list[Any]:
        return [value if keep else otherwise for keep, value in zip(kept, values, strict=True)]

    confidence = best[:, -1]
    entropy = -(chances * np.log(np.maximum(chances, 1e-9))).sum(axis=1)
    insert_alike(
        Incident,
        {
            "id": ids.incidents,
            "source": plan.source,
            "reporter_id": [
                reporters[pk % len(reporters)].pk if source != "import" else None
                for pk, source in zip(ids.incidents, plan.source, strict=True)
            ],
            "idempotency_key": [f"desk:{number}" for number in plan.numbers],
            "created_at": plan.created,
            "status": plan.status,
            "current_text_id": ids.texts,
            "current_label_id": ids.labels,
            "decided_at": [
                None if not is_decided else plan.created[place] if plan.came_decided(place) else plan.labelled(place)
                for place, is_decided in enumerate(decided)
            ],
            "first_claimed_at": [
                plan.claimed(place) if status in LABELLED and not plan.came_decided(place) else None
                for place, status in enumerate(plan.status)
            ],
            "severity": [int(5 * one) if one < 0.8 else 0 for one in plan.chance],
            "assignee_id": [desk.reviewers[pk % 14].pk if pk % 9 == 0 else None for pk in ids.incidents],
            "blind": [pk % 20 == 0 for pk in ids.incidents],
            "twins": plan.twins,
            "current_category": where(read, [names[place][0] for place in guessed], ""),
            "current_sub_category": where(read, [names[place][1] for place in guessed], ""),
            "current_confidence": where(read, confidence.tolist(), None),
            "current_unsure": where(read, (confidence < THRESHOLD).tolist(), False),
            "current_model": where(read, [desk.versions[-1].name] * len(read), ""),
            "current_anomaly": where(read, plan.anomaly.tolist(), None),
            "current_margin": where(read, (confidence - best[:, -2]).tolist(), None),
            "current_entropy": where(read, entropy.tolist(), None),
            "review_priority": where(read, (1 - confidence).tolist(), 0.0),
            "standing_category": shown,
            "split_group": plan.twins,
            "split": [("train", "train", "validation", "test")[pk % 4] for pk in ids.incidents],
        },
    )


def _vectors(desk: Desk, ids: Ids, rng: np.random.Generator) -> list[int]:
    vectors = rng.standard_normal((len(ids.texts), DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    numbers = reserve_ids(Embedding, len(ids.texts))
    columns = {
        "id": numbers,
        "incident_id": ids.incidents,
        "text_revision_id": ids.texts,
        "vector": [one.tobytes() for one in vectors.astype(np.float16)],
    }
    insert_alike(Embedding, columns, encoder_hash=desk.versions[-1].encoder_hash)
    return numbers


def _predictions(plan: Plan, desk: Desk, ids: Ids, vectors: list[int]) -> None:
    """One by each version, of every report that a model has read."""
    path_ids = np.array([path.pk for path in desk.paths])
    read = [place for place, status in enumerate(plan.status) if status != "new"]
    for number, version in enumerate(desk.versions):
        chances = plan.chances[number][read]
        order = path_ids[np.argsort(-chances.astype(np.float32), axis=1)[:, :3]].tolist()
        confidence = chances.max(axis=1).astype(float).tolist()
        last = version is desk.versions[-1]
        insert_alike(
            Prediction,
            {
                "incident_id": [ids.incidents[place] for place in read],
                "text_revision_id": [ids.texts[place] for place in read],
                "embedding_id": [vectors[place] if last else None for place in read],
                "distribution": [one.tobytes() for one in chances],
                "path_ids": [first[:1] for first in order],
                "candidate_ids": order,
                "confidence": confidence,
                "category_confidence": confidence,
                "unsure": [one < THRESHOLD for one in confidence],
                "anomaly": plan.anomaly[read].tolist(),
                "created_at": [plan.created[place] for place in read],
            },
            version_id=version.pk,
            taxonomy_version_id=desk.taxonomy.pk,
            coverage=0.9,
            threshold=THRESHOLD,
            seconds=0.01,
        )


def numbered(plan: Plan, label_ids: list[int]) -> Ids:
    """Numbers for a piece; `label_ids` are those reserved for the labels that stand."""
    count, own = len(plan.numbers), iter(label_ids)
    labels = [next(own) if status in LABELLED else None for status in plan.status]
    return Ids(reserve_ids(Incident, count), reserve_ids(TextRevision, count), labels)
