"""`small-scratch`: a T5 that needs no hub, with a vocabulary and a start of its own from the training texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.decomposition import TruncatedSVD
from torch import nn
from transformers import T5Config, T5ForConditionalGeneration

from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import LabelPath, join_labels
from classifier.ml.vocabulary import END, PAD, Tokenizer, train_vocabulary

MAX_TOKENS = 192
WINDOW = 5  # tokens to each side that count as company


@dataclass(frozen=True, slots=True)
class Design:
    """What a T5 from nothing looks like; every default was measured (benchmarks/scratch.py)."""

    vocabulary: int = 6_000
    width: int = 128
    head_width: int = 32
    encoder_layers: int = 2
    decoder_layers: int = 1
    dropout: float = 0.1
    company: bool = True  # whether token embeddings start from the company that tokens keep

    def config(self, vocabulary: int) -> T5Config:
        return T5Config(
            vocab_size=vocabulary,
            d_model=self.width,
            d_kv=self.head_width,
            d_ff=2 * self.width,
            num_heads=self.width // self.head_width,
            num_layers=self.encoder_layers,
            num_decoder_layers=self.decoder_layers,
            dropout_rate=self.dropout,
            feed_forward_proj="relu",
            tie_word_embeddings=False,
            decoder_start_token_id=PAD,
            pad_token_id=PAD,
            eos_token_id=END,
        )


DESIGN = Design()


def scratch_t5(
    texts: Sequence[str],
    paths: Sequence[LabelPath],
    seed: int,
    max_tokens: int | None = None,
    design: Design | None = None,
) -> T5Classifier:
    """An untrained T5 whose token embeddings start from the company that tokens keep in `texts`."""
    design = design or DESIGN
    tokenizer = Tokenizer(train_vocabulary(texts, design.vocabulary), "", max_tokens or MAX_TOKENS)
    labels, added = label_tokens(paths, len(tokenizer))
    torch.manual_seed(seed)
    model = T5ForConditionalGeneration(design.config(len(tokenizer) + added))
    model.lm_head.weight = nn.Parameter(torch.randn_like(model.shared.weight) * design.width**-0.5)
    if design.company:
        vectors = company_vectors(tokenizer.encode(texts), len(tokenizer), design.width, seed)
        with torch.no_grad():
            model.shared.weight[: len(tokenizer), : vectors.shape[1]] = torch.from_numpy(vectors)
    return T5Classifier(model, False, tokenizer, labels)


def label_tokens(paths: Sequence[LabelPath], first: int) -> tuple[list[tuple[int, ...]], int]:
    """Per path one token for its set of categories and one for its sub-category (none without one).

    Token ids count up from `first`; returns the sequences and how many tokens were added.
    """
    numbers: dict[tuple[str, str], int] = {}

    def token(kind: str, name: str) -> int:
        return numbers.setdefault((kind, name), first + len(numbers))

    labels = []
    for path in paths:
        label = [token("categories", join_labels(path.categories))]
        if path.sub_category:
            label.append(token("sub-category", path.sub_category))
        labels.append(tuple(label))
    return labels, len(numbers)


def company_vectors(rows: Sequence[Sequence[int]], vocabulary: int, dimensions: int, seed: int) -> NDArray[np.float32]:
    """(V, D') vectors, D' <= dimensions, from the SVD of positive pointwise mutual information.

    Levy and Goldberg 2014, "Neural word embedding as implicit matrix factorization". Mean square 1, as T5 starts;
    tokens that never occur get small random vectors.
    """
    information = _positive_information(_company(rows, vocabulary))
    kept = max(1, min(dimensions, vocabulary - 1))
    svd = TruncatedSVD(kept, random_state=seed)
    vectors = svd.fit_transform(information) / np.sqrt(np.maximum(svd.singular_values_, 1e-9))
    seen = np.abs(vectors).sum(axis=1) > 0
    if seen.any():
        vectors /= np.sqrt((vectors[seen] ** 2).mean())
    rest = np.random.default_rng(seed).normal(0, 0.1, vectors.shape)
    result: NDArray[np.float32] = np.where(seen[:, None], vectors, rest).astype(np.float32)
    return result


def _company(rows: Sequence[Sequence[int]], vocabulary: int) -> csr_matrix:
    """(V, V) how often two tokens stand within the window of each other, nearer ones counting more."""
    total = csr_matrix((vocabulary, vocabulary), dtype=np.float64)
    for distance in range(1, WINDOW + 1):
        left = np.concatenate([np.asarray(row[:-distance], dtype=np.int64) for row in rows])
        right = np.concatenate([np.asarray(row[distance:], dtype=np.int64) for row in rows])
        weights = np.full(len(left), 1 / distance)
        pairs = coo_matrix((weights, (left, right)), shape=(vocabulary, vocabulary)).tocsr()
        total = total + pairs + pairs.T
    return total


def _positive_information(company: csr_matrix) -> csr_matrix:
    counts = company.tocoo()
    totals = np.asarray(company.sum(axis=0)).ravel()
    expected = totals[counts.row] * totals[counts.col] / max(totals.sum(), 1)
    information = np.log(counts.data / expected)
    keep = information > 0
    return csr_matrix((information[keep], (counts.row[keep], counts.col[keep])), shape=company.shape, dtype=np.float64)
