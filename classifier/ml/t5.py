"""T5 as a classifier over label paths. For model workers: imports torch and transformers."""

import copy
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier.ml import hf_format
from classifier.ml.batching import TOKEN_BUDGET, TOKEN_BUDGET_CUDA, WINDOW, padded, token_batches
from classifier.ml.calibration import Floats
from classifier.ml.engine import Engine
from classifier.ml.expert import Decider
from classifier.ml.gradients import token_shares
from classifier.ml.quantization import is_quantized, quantize
from classifier.ml.results import Scores
from classifier.ml.svd import unit_rows
from classifier.ml.t5_protocol import TextEncoder
from classifier.ml.text import Word
from classifier.ml.trie import PackedTrie
from classifier.ml.vocabulary import Tokenizer

STATE = "t5.json"


class T5Classifier(TextEncoder):
    """A `T5ForConditionalGeneration` scored over all paths at once; never free text that is parsed."""

    def __init__(
        self,
        model: Any,
        scale_outputs: bool,
        tokenizer: Tokenizer,
        labels: Sequence[tuple[int, ...]],
        decider: Decider | None = None,
        encoder_hash: str = "",
    ) -> None:
        """`labels[p]` is the token sequence of path p. `encoder_hash`, if known, is not computed again."""
        self.model = model
        self.scale_outputs = scale_outputs
        self.tokenizer = tokenizer
        self.labels = tuple(labels)
        self.known = np.ones(len(labels), dtype=bool)
        self.decider = decider or Decider()
        start = model.config.decoder_start_token_id
        trie = PackedTrie.build(self.labels, start, tokenizer.end)
        self.engine = Engine(model, trie, scale_outputs).eval()
        self._hash = encoder_hash

    @property
    def device(self) -> torch.device:
        return self.model.shared.weight.device  # type: ignore[no-any-return]

    @property
    def hash(self) -> str:
        if not self._hash:
            self._hash = self.encoder_digest()
        return self._hash

    def to(self, device: str | None) -> "T5Classifier":
        """Moves the model: float32 on the CPU, bfloat16 on CUDA. None means CUDA where there is one."""
        target = device or ("cuda" if torch.cuda.is_available() else "cpu")
        precision = torch.bfloat16 if target.startswith("cuda") else torch.float32
        self._hash = self.hash  # from the float32 weights
        self.engine.to(target, precision)
        return self

    def as_served(self) -> "T5Classifier":
        """In the precision that it serves in, so that it is calibrated as what it will be: a bfloat16 copy on CUDA."""
        if self.device.type != "cuda":
            return self
        copied = copy.deepcopy(self.model)
        return T5Classifier(copied, self.scale_outputs, self.tokenizer, self.labels, self.decider, self.hash).to("cuda")

    def score(self, texts: Sequence[str]) -> Scores:
        log_probabilities = np.zeros((len(texts), len(self.labels)))
        vectors = np.zeros((len(texts), self.model.config.d_model), np.float32)
        read = np.ones(len(texts))
        with torch.inference_mode():
            for places, encoded, mask, shares in self._encoded(texts):
                paths = self.engine.path_log_probabilities(encoded, mask)
                log_probabilities[places] = paths.cpu().double().numpy()
                vectors[places] = _means(encoded, mask)
                read[places] = shares
        return Scores(log_probabilities, unit_rows(vectors), read)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.model.config.d_model), np.float32)
        with torch.inference_mode():
            for places, encoded, mask, _ in self._encoded(texts):
                vectors[places] = _means(encoded, mask)
        return unit_rows(vectors)

    def word_shares(self, words: Sequence[Word], direction: Floats) -> Floats:
        """Integrated gradients; words that truncation leaves out have none."""
        ids, owners = self.tokenizer.encode_words(words)
        place = np.array(owners)
        tokens = token_shares(self.engine, ids, place < 0, direction)
        shares = np.zeros(len(words))
        np.add.at(shares, place[place >= 0], tokens[place >= 0])
        return shares

    def _encoded(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Tensor, Tensor, list[float]]]:
        """Batch by batch: places in `texts`, (B, L, D), mask, the shares of the texts that are read.

        In the same batches whether scored or embedded.
        """
        budget = TOKEN_BUDGET_CUDA if self.device.type == "cuda" else TOKEN_BUDGET
        for start in range(0, len(texts), WINDOW):
            rows, shares = self.tokenizer.encode_and_tell(texts[start : start + WINDOW])
            for batch in token_batches([len(row) for row in rows], budget, self.engine.positions):
                ids, mask = padded([rows[place] for place in batch], self.device)
                read = [shares[place] for place in batch]
                yield [start + place for place in batch], self.engine.encode(ids, mask), mask, read

    def save(self, folder: Path) -> None:
        """Raises ValueError for an int8 model: artefacts hold float32."""
        if is_quantized(self.model):
            raise ValueError("a model loaded with int8 weights cannot be saved; load it without int8")
        hf_format.write(self.model, self.scale_outputs, folder)
        self.tokenizer.save(folder / hf_format.PIECES)
        state = {
            "prompt": self.tokenizer.prompt,
            "max_tokens": self.tokenizer.max_tokens,
            "labels": self.labels,
            "decider": self.decider.to_json(),
            "encoder_hash": self.hash,
        }
        (folder / STATE).write_text(json.dumps(state), "utf-8")

    @classmethod
    def load(cls, folder: Path, device: str | None = None, int8: bool = False) -> "T5Classifier":
        """`device`: "cpu", "cuda", or None for CUDA where there is one. `int8` weights only ever serve on a CPU."""
        state = json.loads((folder / STATE).read_text("utf-8"))
        pieces = (folder / hf_format.PIECES).read_bytes()
        tokenizer = Tokenizer(pieces, state["prompt"], state["max_tokens"])
        model, scale_outputs = hf_format.read(folder)
        labels = [tuple(label) for label in state["labels"]]
        decider = Decider.from_json(state["decider"])
        classifier = cls(model, scale_outputs, tokenizer, labels, decider, state["encoder_hash"]).to(device)
        classifier.engine.requires_grad_(False)  # it serves: explanations ask for gradients by the text
        if int8 and classifier.device.type == "cpu":
            quantize(model)
        return classifier

    def encoder_digest(self) -> str:
        """sha256 of vocabulary, prompt, length limit and encoder weights as they are now; `hash` is that of the end."""
        digest = hashlib.sha256(self.tokenizer.model)
        digest.update(json.dumps([self.tokenizer.prompt, self.tokenizer.max_tokens]).encode())
        for name, value in sorted(hf_format.state_of(self.model).items()):
            if name.startswith(("encoder.", hf_format.SHARED)):
                digest.update(name.encode())
                digest.update(value.numpy().tobytes())
        return digest.hexdigest()


def _means(encoded: Tensor, mask: Tensor) -> NDArray[np.float32]:
    weights = mask.unsqueeze(-1).float()
    means = (encoded.float() * weights).sum(1) / weights.sum(1)
    return means.cpu().numpy()  # type: ignore[no-any-return]
