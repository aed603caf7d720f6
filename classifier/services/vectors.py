"""The nearest stored vectors of an encoder: compared by pgvector where the database has it, else here in numpy."""

import threading
import time
from dataclasses import dataclass, replace

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from classifier import vector_column
from classifier.ml.neighbours import nearest
from classifier.models import Embedding

MOST = 100_000  # newest vectors of an encoder in a process's memory: 26 MB at 128 dimensions, 102 MB at 512
KEPT = 2  # encoders: while a new champion's vectors are made, reports are compared in its space and in the old one
CHECK_SECONDS = 60.0  # counting 100,000 rows takes longer than comparing them

Neighbours = list[tuple[int, float]]  # number of a text revision and the cosine to it, the nearest first


def nearest_texts(encoder_hash: str, query: NDArray[np.float32], count: int) -> Neighbours:
    """The texts whose vectors are nearest to a unit vector of the same encoder; exact."""
    if vector_column.is_there():
        return _nearest_in_database(encoder_hash, query, count)
    space = _space(encoder_hash)
    places, cosines = nearest(space.vectors, query, count)
    return [(int(space.texts[place]), float(cosine)) for place, cosine in zip(places, cosines, strict=True)]


def _nearest_in_database(encoder_hash: str, query: NDArray[np.float32], count: int) -> Neighbours:
    written = "[" + ",".join(f"{value:.6g}" for value in query) + "]"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT text_revision_id, -(halves <#> %(query)s::halfvec) FROM classifier_embedding
            WHERE encoder_hash = %(encoder)s ORDER BY halves <#> %(query)s::halfvec, id DESC LIMIT %(count)s
            """,
            {"query": written, "encoder": encoder_hash, "count": count},
        )
        return [(text, float(cosine)) for text, cosine in cursor.fetchall()]


@dataclass(frozen=True, eq=False)
class _Space:
    """The newest vectors of an encoder, in the order of their rows."""

    checked: float  # when it was last known, by time.monotonic, that none of the rows had been erased
    rows: NDArray[np.int64]  # (N,) numbers of the rows, rising
    texts: NDArray[np.int64]  # (N,) numbers of text revisions
    vectors: NDArray[np.float16]  # (N, D)


_kept: dict[str, _Space] = {}  # by encoder, the one used last at the end
_lock = threading.Lock()


def _space(encoder_hash: str) -> _Space:
    """What is kept, with the rows that have come since."""
    with _lock:
        _forget_erased()
        space = _with_newer(encoder_hash, _kept.pop(encoder_hash, _empty()))
        _kept[encoder_hash] = space
        if len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
        return space


def _forget_erased() -> None:
    """Drop each space of which rows are gone, to be read anew, so that no erased vector stays in memory."""
    now = time.monotonic()
    for encoder_hash, space in [*_kept.items()]:
        if now - space.checked < CHECK_SECONDS:
            continue
        if _is_whole(encoder_hash, space):
            _kept[encoder_hash] = replace(space, checked=now)
        else:
            del _kept[encoder_hash]


def _is_whole(encoder_hash: str, space: _Space) -> bool:
    if not len(space.rows):
        return True
    ends = (int(space.rows[0]), int(space.rows[-1]))
    return Embedding.objects.filter(encoder_hash=encoder_hash, pk__range=ends).count() == len(space.rows)


def _with_newer(encoder_hash: str, space: _Space) -> _Space:
    newest = int(space.rows[-1]) if len(space.rows) else 0
    present = Embedding.objects.filter(encoder_hash=encoder_hash, pk__gt=newest).order_by("-pk")
    read = list(present.values_list("pk", "text_revision_id", "vector")[:MOST])[::-1]
    if not read:
        return space
    rows, texts = (np.array([row[column] for row in read], np.int64) for column in (0, 1))
    vectors = np.frombuffer(b"".join(bytes(row[2]) for row in read), np.float16).reshape(len(read), -1)
    if len(space.rows):
        rows, texts = np.concatenate([space.rows, rows]), np.concatenate([space.texts, texts])
        vectors = np.concatenate([space.vectors, vectors])
    return _Space(space.checked, rows[-MOST:], texts[-MOST:], vectors[-MOST:])


def _empty() -> _Space:
    return _Space(time.monotonic(), np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 0), np.float16))
