"""On which side of every dataset split a report stands: decided once, when it arrives.

Reports of one document, or worded almost alike, stand on one side, so that no test report was half seen in training.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.models import Incident, TextBand
from incidents.sketch import Sketch, sketch

NEAR_DUPLICATE = 0.7  # Jaccard similarity of character 5-grams from which two texts count as almost alike
CANDIDATES = 10  # compared in full per report, those with most bands in common
TRAIN_SHARE, VALIDATION_SHARE = 0.8, 0.1


@dataclass(frozen=True)
class Placement:
    """`bands` are stored for texts that later ones may be compared with; a near-duplicate adds none."""

    group: str
    split: str
    bands: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Neighbour:
    sketch: Sketch
    group: str
    split: str


_Index = dict[int, list[_Neighbour]]


def split_of(group: str) -> str:
    """The side that a new group falls on, by its hash: 80 % training, 10 % validation, 10 % test."""
    share = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64
    if share < TRAIN_SHARE:
        return Incident.Split.TRAIN
    return Incident.Split.VALIDATION if share < TRAIN_SHARE + VALIDATION_SHARE else Incident.Split.TEST


def place(texts: Sequence[str], documents: Sequence[str]) -> list[Placement]:
    """Place new reports, in order; `documents[i]` is empty for a report that belongs to none.

    One query for any number of texts; the caller stores the bands with the reports.
    """
    sketches = [sketch(text) for text in texts]
    index = _stored_neighbours({key for one in sketches for key in one.bands})
    return [_place(one, text, document, index) for one, text, document in zip(sketches, texts, documents, strict=True)]


def _place(one: Sketch, text: str, document: str, index: _Index) -> Placement:
    nearest = _nearest(one, index)
    if document:
        group = _group("document", document)
        placement = Placement(group, split_of(group), () if nearest else one.bands)
    elif nearest:
        return Placement(nearest.group, nearest.split, ())
    else:
        group = _group("text", text)
        placement = Placement(group, split_of(group), one.bands)
    for key in placement.bands:
        index[key].append(_Neighbour(one, placement.group, placement.split))
    return placement


def _group(kind: str, name: str) -> str:
    return f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def _nearest(one: Sketch, index: _Index) -> _Neighbour | None:
    shared = Counter(neighbour for key in one.bands for neighbour in index[key])
    compared = [(one.similarity(neighbour.sketch), neighbour) for neighbour, _ in shared.most_common(CANDIDATES)]
    similarity, nearest = max(compared, key=lambda pair: pair[0], default=(0.0, None))
    return nearest if similarity >= NEAR_DUPLICATE else None


def _stored_neighbours(keys: set[int]) -> _Index:
    index: _Index = defaultdict(list)
    rows = TextBand.objects.filter(key__in=keys).values_list(
        "key", "incident_id", "incident__current_text__text", "incident__split_group", "incident__split"
    )
    known: dict[int, _Neighbour] = {}
    for key, incident_id, text, group, split in rows.iterator(chunk_size=2000):
        if incident_id not in known:
            known[incident_id] = _Neighbour(sketch(text), group, split)
        index[key].append(known[incident_id])
    return index
