"""On which side of every dataset split a report stands: decided once, when it arrives.

Reports of one document, or worded almost alike, stand on one side, so that no test report was half seen in training.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.store import select
from incidents.models import Incident
from incidents.sketch import Shingles, Sketch, shingle_sets, similarity, sketches

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
        """As `newcomers`, for one text."""
        return newcomers([(text, document)])[0]


@dataclass(frozen=True)
class Placement:
    """`bands` are stored for texts that later ones may be compared with; a near-duplicate adds none.

    `twins` is shared by reports worded almost alike, whatever their documents.
    """

    group: str
    split: str
    bands: tuple[int, ...]
    twins: str


def newcomers(reports: Sequence[tuple[str, str]]) -> list[Newcomer]:
    """Of (text, document or ""): what takes the time of placing, and needs no database. Do it before a transaction."""
    found = sketches([text for text, _ in reports])
    return [
        Newcomer(
            _group("document", document) if document else _group("text", text),
            bool(document),
            sketch,
            _group("text", text),
        )
        for (text, document), sketch in zip(reports, found, strict=True)
    ]


@dataclass(frozen=True, eq=False)
class _Neighbour:
    shingles: Shingles
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


def place(reports: Sequence[Newcomer]) -> list[Placement]:
    """Place new reports, in order. Two queries for any number; the caller stores the bands with the reports."""
    index = _stored_neighbours({key for one in reports for key in one.sketch.bands})
    return [_place(one, index) for one in reports]


def _place(one: Newcomer, index: _Index) -> Placement:
    nearest = _nearest(one.sketch, index)
    if nearest and not one.has_document:
        return Placement(nearest.group, nearest.split, (), nearest.twins)
    twins = nearest.twins if nearest else one.twins
    placement = Placement(one.group, split_of(one.group), () if nearest else one.sketch.bands, twins)
    neighbour = _Neighbour(one.sketch.shingles, placement.group, placement.split, twins)
    for key in placement.bands:
        index[key].append(neighbour)
    return placement


def _group(kind: str, name: str) -> str:
    return f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def _nearest(one: Sketch, index: _Index) -> _Neighbour | None:
    shared = Counter(neighbour for key in one.bands for neighbour in index[key])
    near = [other for other, _ in shared.most_common(CANDIDATES) if _of_like_size(one.shingles, other.shingles)]
    compared = [(similarity(one.shingles, other.shingles), other) for other in near]
    best, nearest = max(compared, key=lambda pair: pair[0], default=(0.0, None))
    return nearest if best >= NEAR_DUPLICATE else None


def _of_like_size(one: Shingles, other: Shingles) -> bool:
    """Whether the texts can be alike at all: no similarity is above the quotient of the sizes."""
    smaller, larger = sorted((one.size, other.size))
    return smaller >= NEAR_DUPLICATE * larger


def _stored_neighbours(keys: Iterable[int]) -> _Index:
    bands = select("SELECT key, incident_id FROM incidents_textband WHERE key IN {values}", keys)
    rows = Incident.objects.filter(pk__in={incident_id for _, incident_id in bands}, current_text__isnull=False)
    columns = list(rows.values_list("pk", "current_text__text", "split_group", "split", "twins"))
    texts = shingle_sets([text for _, text, *_ in columns])
    known = {row[0]: _Neighbour(own, *row[2:]) for row, own in zip(columns, texts, strict=True)}
    index: _Index = defaultdict(list)
    for key, incident_id in bands:
        if incident_id in known:
            index[key].append(known[incident_id])
    return index
