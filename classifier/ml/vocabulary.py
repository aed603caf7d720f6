"""SentencePiece: a vocabulary of one's own from the training texts, and token ids from either kind."""

import io
from collections.abc import Sequence
from pathlib import Path

from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

from classifier.ml.text import Word, normalise, truncate

BYTE_PIECES = 256
PAD, END, UNKNOWN = 0, 1, 2  # T5's ids
COVERAGE = 0.9995  # rarer characters are spelt in bytes


class Tokenizer:
    """Texts to token ids that end with end-of-sequence; SentencePiece used directly.

    Hugging Face's T5Tokenizer is avoided: `T5Tokenizer(vocab_file=...)` silently yields a 4-piece vocabulary in 5.x.
    """

    def __init__(self, model: bytes, prompt: str, max_tokens: int) -> None:
        self.model = model
        self.prompt = prompt  # stands before each report
        self.max_tokens = max_tokens
        self._pieces = SentencePieceProcessor(model_proto=model)
        self.end = int(self._pieces.eos_id())
        self._prompt_ids: list[int] = self._pieces.encode(prompt) if prompt else []
        self._room = max_tokens - len(self._prompt_ids) - 1

    def __len__(self) -> int:
        return int(self._pieces.get_piece_size())

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """At most `max_tokens` ids each, never none: an empty text is the prompt and end-of-sequence."""
        return self.encode_and_tell(texts)[0]

    def encode_and_tell(self, texts: Sequence[str]) -> tuple[list[list[int]], list[float]]:
        """As `encode`; and the share of each text that its ids hold."""
        spelt = self._pieces.encode([normalise(text) for text in texts])
        rows = [[*self._prompt_ids, *truncate(ids, self._room), self.end] for ids in spelt]
        return rows, [min(1.0, self._room / max(1, len(ids))) for ids in spelt]

    def encode_words(self, words: Sequence[Word]) -> tuple[list[int], list[int]]:
        """As `encode` of one text, given by its words; and for each id the place of its word, -1 for what is no word's.

        No piece reaches beyond a blank, so words can be encoded one by one.
        """
        spelt = self._pieces.encode([word.normal for word in words])
        pieces = [(piece, place) for place, ids in enumerate(spelt) for piece in ids]
        kept = truncate(pieces, self._room)
        ids = [*self._prompt_ids, *(piece for piece, _ in kept), self.end]
        return ids, [*(-1 for _ in self._prompt_ids), *(place for _, place in kept), -1]

    def label(self, text: str) -> tuple[int, ...]:
        return tuple(self._pieces.encode(normalise(text)))

    def piece(self, token: int) -> str:
        return str(self._pieces.id_to_piece(token))

    def save(self, path: Path) -> None:
        path.write_bytes(self.model)


def train_vocabulary(texts: Sequence[str], size: int) -> bytes:
    """A unigram SentencePiece model of at most `size` pieces; any text can be spelt in it (byte fallback).

    Deterministic: one thread, no sampling. Smaller on small corpora, larger where the characters need it.
    """
    clean = [text for text in map(normalise, texts) if text] or ["empty"]
    characters = len(set("".join(clean)))
    output = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(clean),
        model_writer=output,
        model_type="unigram",
        vocab_size=max(size, characters + BYTE_PIECES + 64),
        hard_vocab_limit=False,
        byte_fallback=True,
        character_coverage=COVERAGE,
        normalization_rule_name="nfkc_cf",
        max_sentence_length=100_000,
        num_threads=1,
        pad_id=PAD,
        eos_id=END,
        unk_id=UNKNOWN,
        bos_id=-1,
        minloglevel=2,
    )
    return output.getvalue()
