"""Words that only erased texts held leave the artefact; all other texts are read as before."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from sentencepiece import SentencePieceProcessor

from classifier.ml import piece_model
from classifier.ml.config import NO_T5, SMALL_SCRATCH
from classifier.ml.expert import Decider
from classifier.ml.forgetting import Forgotten, NothingLeft, forget_words
from classifier.ml.hybrid import HybridModel
from classifier.ml.linear import LinearExpert
from classifier.ml.results import Example
from classifier.ml.scratch import Design, scratch_t5
from classifier.ml.svd import SvdEmbedder
from classifier.ml.taxonomy import Taxonomy
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from tests.classifier.ml.conftest import PATHS

MARKER = "zebrafinkqvx"
TINY = Design(vocabulary=600, width=16, head_width=8, encoder_layers=1)
Examples = tuple[Example, ...]
Trained = tuple[Path, list[str]]


def trained(folder: Path, base: str, left: Sequence[Example]) -> list[str]:
    """Writes an artefact that learned the marker a few times over; the texts of its training without the marker."""
    learned = [*left, *(Example(f"{MARKER} said {MARKER}s and number {number}", (0,)) for number in range(10))]
    texts, taxonomy = [example.text for example in learned], Taxonomy(PATHS)
    linear = LinearExpert.fit(learned, taxonomy, 0)
    t5 = scratch_t5(texts, PATHS, 0, design=TINY) if base == SMALL_SCRATCH else None
    svd = None if t5 else SvdEmbedder.fit(linear.features, texts, 0)
    model = HybridModel(taxonomy, base, Decider(), linear, t5, svd, weight=0.5 if t5 else 0.0)
    model.save(folder, dataset_hash="x", code_version="x", metrics={})
    return [example.text for example in left]


def holds(folder: Path, word: str) -> bool:
    return any(word.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.fixture(scope="module", params=[NO_T5, SMALL_SCRATCH])
def artefact(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    make_examples: Callable[..., Examples],
) -> Trained:
    folder = tmp_path_factory.mktemp("forgetting") / "before"
    return folder, trained(folder, request.param, make_examples(60))


def test_a_word_that_only_erased_texts_held_is_in_no_file_afterwards(artefact: Trained, tmp_path: Path) -> None:
    before, left = artefact
    after = tmp_path / "after"
    assert holds(before, MARKER)
    forgotten = forget_words(before, after, left)
    assert forgotten.ngrams > 0
    assert (forgotten.pieces > 0) == (before / "t5").is_dir()
    assert not any(holds(after, MARKER[start : start + 5]) for start in range(len(MARKER) - 4))


def test_all_other_texts_are_classified_as_before(artefact: Trained, tmp_path: Path) -> None:
    before, left = artefact
    forget_words(before, tmp_path / "after", left)
    one, other = HybridModel.load(before, "cpu"), HybridModel.load(tmp_path / "after", "cpu")
    assert one.encoder_hash == other.encoder_hash
    np.testing.assert_allclose(one.embed(left), other.embed(left), atol=1e-6)
    for mine, theirs in zip(one.classify_batch(left), other.classify_batch(left), strict=True):
        assert mine.decided == theirs.decided
        np.testing.assert_allclose(mine.probabilities, theirs.probabilities, atol=1e-6)


def test_what_is_clean_already_is_not_written_again(artefact: Trained, tmp_path: Path) -> None:
    before, left = artefact
    forget_words(before, tmp_path / "after", left)
    assert forget_words(tmp_path / "after", tmp_path / "again", left) == Forgotten()
    assert not (tmp_path / "again").exists()


def test_a_model_of_which_no_text_is_left_cannot_be_cleaned(artefact: Trained, tmp_path: Path) -> None:
    with pytest.raises(NothingLeft):
        forget_words(artefact[0], tmp_path / "after", [])


def test_a_taken_out_piece_keeps_its_number_and_spells_nothing() -> None:
    texts = [f"{MARKER} took money number {number} of the card, says {MARKER}s" for number in range(30)]
    model = train_vocabulary(texts, 400)
    pieces = piece_model.normal_pieces(model)
    gone = [number for number, piece in pieces.items() if MARKER in piece]
    emptied = piece_model.without_pieces(model, gone)
    assert gone and not any(pieces[number].encode() in emptied for number in gone)
    one, other = Tokenizer(model, "", 64), Tokenizer(emptied, "", 64)
    assert len(one) == len(other)
    assert one.encode(["the money and the card"]) == other.encode(["the money and the card"])
    assert not set(gone) & set(other.encode([MARKER])[0])
    assert SentencePieceProcessor(model_proto=emptied).decode(other.encode([MARKER])[0]) == MARKER


def test_a_model_of_sentencepiece_is_written_back_byte_by_byte() -> None:
    model = train_vocabulary(["one text of a few words"], 300)
    assert piece_model.without_pieces(model, ()) == model


@pytest.mark.parametrize("data", [b"\x0a\xff", b"\x0a\x05ab", b"\x0b", b"\x80"])
def test_what_is_no_vocabulary_is_refused(data: bytes) -> None:
    with pytest.raises(piece_model.NotPieces):
        piece_model.normal_pieces(data)


def test_the_names_of_what_is_left_are_those_of_before(artefact: Trained, tmp_path: Path) -> None:
    before, left = artefact
    forget_words(before, tmp_path / "after", left)
    names: Sequence[list[str]] = [
        json.loads((folder / "linear" / "vocabulary.json").read_text("utf-8"))["words"]["names"]
        for folder in (before, tmp_path / "after")
    ]
    assert set(names[1]) < set(names[0]) and not any(MARKER in name for name in names[1])
