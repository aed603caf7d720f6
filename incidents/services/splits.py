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
class Newcomer:
    """A report to be placed. `group` is its own: that of its document, or of its text when it belongs to none."""

    group: str
    has_document: bool
    sketch: Sketch
    twins: str

    @classmethod
    def of(cls, text: str, document: str = "") -> "Newcomer":
        """What takes the time of placing; needs no database, so do it before a transaction."""
        group = _group("document", document) if document else _group("text", text)
        return cls(group, bool(document), sketch(text), _group("text", text))


@dataclass(frozen=True)
class Placement:
    """`bands` are stored for texts that later ones may be compared with; a near-duplicate adds none.

    `twins` is shared by reports worded almost alike, whatever their documents.
    """

    group: str
    split: str
    bands: tuple[int, ...]
    twins: str


@dataclass(frozen=True, eq=False)
class _Neighbour:
    sketch: Sketch
    group: str
    split: str
    twins: str


_Index = dict[int, list[_Neighbour]]


def split_of(group: str) -> str:
    """The side that a new group falls on, by its hash: 80 % training, 10 % validation, 10 % test."""
    share = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64
    if share < TRAIN_SHARE:
        return Incident.Split.TRAIN
    return Incident.Split.VALIDATION if share < TRAIN_SHARE + VALIDATION_SHARE else Incident.Split.TEST


def place(newcomers: Sequence[Newcomer]) -> list[Placement]:
    """Place new reports, in order. One query for any number; the caller stores the bands with the reports."""
    index = _stored_neighbours({key for one in newcomers for key in one.sketch.bands})
    return [_place(one, index) for one in newcomers]


def _place(one: Newcomer, index: _Index) -> Placement:
    nearest = _nearest(one.sketch, index)
    if nearest and not one.has_document:
        return Placement(nearest.group, nearest.split, (), nearest.twins)
    twins = nearest.twins if nearest else one.twins
    placement = Placement(one.group, split_of(one.group), () if nearest else one.sketch.bands, twins)
    for key in placement.bands:
        index[key].append(_Neighbour(one.sketch, placement.group, placement.split, twins))
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
        "key",
        "incident_id",
        "incident__current_text__text",
        "incident__split_group",
        "incident__split",
        "incident__twins",
    )
    known: dict[int, _Neighbour] = {}
    for key, incident_id, text, group, split, twins in rows.iterator(chunk_size=2000):
        if incident_id not in known:
            known[incident_id] = _Neighbour(sketch(text), group, split, twins)
        index[key].append(known[incident_id])
    return index
