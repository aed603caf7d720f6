"""Taking words out of an artefact that only erased texts held: n-grams of the linear expert, pieces of a T5's own
vocabulary. What the texts that are left say is kept, and those are read exactly as before.

What a word weighed goes with it; what its text did to all other weights stays, until the model is trained anew.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.ml import piece_model
from classifier.ml.artifact import CLASSIFIER, MANIFEST, open_artifact, write_artifact
from classifier.ml.config import SMALL_SCRATCH
from classifier.ml.linear import LinearExpert
from classifier.ml.svd import SvdEmbedder
from classifier.ml.text import normalise

LINEAR, PIECES, SVD = "linear", Path("t5") / "spiece.model", "svd.npz"
LONGEST_PIECE = 16  # characters; SentencePiece's own limit


class NothingLeft(ValueError):
    """No word is left that the model may know."""


@dataclass(frozen=True)
class Forgotten:
    """How many n-grams and pieces went."""

    ngrams: int = 0
    pieces: int = 0

    def __bool__(self) -> bool:
        return bool(self.ngrams or self.pieces)


def forget_words(source: Path, target: Path, texts: Sequence[str]) -> Forgotten:
    """Write the classifier of `source` anew to `target`, with no n-gram and no piece that is in none of `texts`: those
    that are left of what it was trained on. Where each is in one of them, nothing is written.

    Raises ArtifactError for what cannot be read, NothingLeft, and FileExistsError if `target` exists.
    """
    manifest = open_artifact(source, CLASSIFIER)
    linear = _linear(source / LINEAR, texts)
    pieces = _unheld_pieces(source / PIECES, texts) if manifest.base_model == SMALL_SCRATCH else []
    forgotten = Forgotten(linear.lost if linear else 0, len(pieces))
    if forgotten:
        write_artifact(target, manifest, lambda folder: _write(source, folder, linear, pieces))
    return forgotten


@dataclass(frozen=True)
class _Narrowed:
    expert: LinearExpert
    svd: SvdEmbedder | None
    lost: int


def _linear(folder: Path, texts: Sequence[str]) -> _Narrowed | None:
    """None for a model without a linear expert."""
    if not folder.is_dir():
        return None
    expert = LinearExpert.load(folder)
    kept = expert.features.occurring_in(texts)
    svd = SvdEmbedder.load(folder, expert.features) if (folder / SVD).is_file() else None
    if not all(columns.any() for columns in expert.features.by_block(kept).values()):
        raise NothingLeft("none of the texts that it was trained on is left")
    narrowed = expert.narrowed(kept)
    return _Narrowed(narrowed, svd.narrowed(narrowed.features, kept) if svd else None, int((~kept).sum()))


def _unheld_pieces(file: Path, texts: Sequence[str]) -> list[int]:
    if not file.is_file():
        return []
    model = file.read_bytes()
    held = _parts_of_words(model, texts)
    return [number for number, piece in piece_model.normal_pieces(model).items() if piece not in held]


def _parts_of_words(model: bytes, texts: Sequence[str]) -> set[str]:
    """Whatever a piece can be: no piece reaches beyond a word and the blank before it."""
    from sentencepiece import SentencePieceProcessor  # the web process, which asks what was forgotten, loads none

    processor = SentencePieceProcessor(model_proto=model)
    words = {word for text in texts for word in processor.normalize(normalise(text)).split(piece_model.BLANK)}
    return {
        written[start:end]
        for written in (f"{piece_model.BLANK}{word}" for word in words)
        for start in range(len(written))
        for end in range(start + 1, min(start + LONGEST_PIECE, len(written)) + 1)
    }


def _write(source: Path, folder: Path, linear: _Narrowed | None, pieces: Sequence[int]) -> None:
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST))
    if linear:
        linear.expert.save(folder / LINEAR)
        if linear.svd:
            linear.svd.save(folder / LINEAR)
    if pieces:
        model = (folder / PIECES).read_bytes()
        (folder / PIECES).write_bytes(piece_model.without_pieces(model, frozenset(pieces)))
