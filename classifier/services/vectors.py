"""The nearest stored vectors of an encoder: compared by pgvector where the database has it, else here in numpy."""

import threading
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.models import Count, Max
from numpy.typing import NDArray

from classifier.ml.neighbours import nearest
from classifier.models import Embedding

MOST = 100_000  # newest vectors that a process keeps in memory: 26 MB at 128 dimensions, 102 MB at 512

Neighbours = list[tuple[int, float]]  # number of a text revision and the cosine to it, the nearest first


def nearest_texts(encoder_hash: str, query: NDArray[np.float32], count: int) -> Neighbours:
    """The texts whose vectors are nearest to a unit vector of the same encoder; exact."""
    if in_database():
        return _nearest_in_database(encoder_hash, query, count)
    space = _space(encoder_hash)
    places, cosines = nearest(space.vectors, query, count)
    return [(int(space.texts[place]), float(cosine)) for place, cosine in zip(places, cosines, strict=True)]


def in_database() -> bool:
    """Whether migration 0005 found pgvector and made the column."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_attribute WHERE attrelid = 'classifier_embedding'::regclass AND attname = 'halves'"
        )
        return cursor.fetchone() is not None


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

    encoder_hash: str
    newest: int  # number of the last row
    rows: int  # in the database up to it
    texts: NDArray[np.int64]  # (N,) numbers of text revisions
    vectors: NDArray[np.float16]  # (N, D)


_kept: _Space | None = None  # of one encoder only
_lock = threading.Lock()


def _space(encoder_hash: str) -> _Space:
    """What is kept, brought up to date: new rows are added; after an erasure all is read anew, so none stays behind."""
    global _kept
    with _lock:
        present = Embedding.objects.filter(encoder_hash=encoder_hash)
        if _kept is None or _kept.encoder_hash != encoder_hash or _has_lost_rows(_kept):
            _kept = _Space(encoder_hash, 0, 0, np.empty(0, np.int64), np.empty((0, 0), np.float16))
        added = present.filter(pk__gt=_kept.newest).aggregate(newest=Max("pk"), rows=Count("pk"))
        if added["rows"]:
            _kept = _with_newer(_kept, added["newest"], added["rows"])
        return _kept


def _has_lost_rows(space: _Space) -> bool:
    return Embedding.objects.filter(encoder_hash=space.encoder_hash, pk__lte=space.newest).count() != space.rows


def _with_newer(space: _Space, newest: int, added: int) -> _Space:
    rows = Embedding.objects.filter(encoder_hash=space.encoder_hash, pk__gt=space.newest, pk__lte=newest)
    read = list(rows.order_by("-pk").values_list("text_revision_id", "vector")[:MOST])[::-1]
    texts = np.array([text for text, _ in read], np.int64)
    vectors = np.frombuffer(b"".join(bytes(vector) for _, vector in read), np.float16).reshape(len(read), -1)
    if len(space.texts):
        texts, vectors = np.concatenate([space.texts, texts]), np.concatenate([space.vectors, vectors])
    return _Space(space.encoder_hash, newest, space.rows + added, texts[-MOST:], vectors[-MOST:])
