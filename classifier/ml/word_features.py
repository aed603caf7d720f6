"""Which word of a text each of its TF-IDF features comes from."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.ml.text import Word

Occurrence = tuple[str, list[int]]  # a feature's name, and the words that one occurrence of it covers


def by_word(vectorizer: TfidfVectorizer, words: Sequence[Word]) -> csr_matrix:
    """(W, F): each word's part of the features; the rows add up to the vectorizer's row of the whole text.

    A feature's value is shared equally by its occurrences, an occurrence's equally by the words that it covers.
    """
    occurrences = {"word": _word_grams, "char_wb": _character_grams}[vectorizer.analyzer]
    rows, columns, parts = [], [], []
    for name, covered in occurrences(vectorizer, words):
        if (column := vectorizer.vocabulary_.get(name)) is not None:
            rows += covered
            columns += [column] * len(covered)
            parts += [1 / len(covered)] * len(covered)
    whole = vectorizer.transform([" ".join(word.normal for word in words)])
    counted = coo_matrix((parts, (rows, columns)), shape=(len(words), whole.shape[1])).tocsr()
    times = np.asarray(counted.sum(axis=0)).ravel()
    values = np.zeros(len(times))
    values[whole.indices] = whole.data / times[whole.indices]
    return csr_matrix(counted.multiply(values))


def _word_grams(vectorizer: TfidfVectorizer, words: Sequence[Word]) -> Iterator[Occurrence]:
    prepare, tokenize = vectorizer.build_preprocessor(), vectorizer.build_tokenizer()
    tokens = [(token, place) for place, word in enumerate(words) for token in tokenize(prepare(word.normal))]
    shortest, longest = vectorizer.ngram_range
    for size in range(shortest, longest + 1):
        for start in range(len(tokens) - size + 1):
            gram = tokens[start : start + size]
            yield " ".join(token for token, _ in gram), [place for _, place in gram]


def _character_grams(vectorizer: TfidfVectorizer, words: Sequence[Word]) -> Iterator[Occurrence]:
    """None reaches beyond a word."""
    analyze = vectorizer.build_analyzer()
    for place, word in enumerate(words):
        for name in analyze(word.normal):
            yield name, [place]
