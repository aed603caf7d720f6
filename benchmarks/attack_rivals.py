"""What a user would pick instead of a trained system of ours, reading texts as they are."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from classifier.ml.results import Example

WORDS_OF_A_RULE = 10
_WORD = re.compile(r"[a-z]{3,}")


class PlainSvm:
    """scikit-learn's TF-IDF of words and pairs, with its defaults, and a linear SVM."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._model: Pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
        self._model.fit([one.text for one in examples], [one.paths[0] for one in examples])

    def predict(self, texts: Sequence[str]) -> list[int]:
        return [int(path) for path in self._model.predict(texts)]


class KeywordRules:
    """The label of which most words occur: of each label those that its reports have and others have not."""

    def __init__(self, examples: Sequence[Example]) -> None:
        everywhere, of_label = Counter[str](), dict[int, Counter[str]]()
        for one in examples:
            found = set(_WORD.findall(one.text.lower()))
            everywhere.update(found)
            of_label.setdefault(one.paths[0], Counter()).update(found)
        self._words = {label: _telling(counts, everywhere) for label, counts in of_label.items()}
        self._usual = Counter(one.paths[0] for one in examples).most_common(1)[0][0]

    def predict(self, texts: Sequence[str]) -> list[int]:
        return [self._label(set(_WORD.findall(text.lower()))) for text in texts]

    def _label(self, found: set[str]) -> int:
        hits = {label: len(words & found) for label, words in self._words.items()}
        best = max(hits, key=lambda label: (hits[label], -label))
        return best if hits[best] else self._usual


def _telling(counts: Counter[str], everywhere: Counter[str]) -> set[str]:
    worth = {word: n * log((n + 1) / (everywhere[word] - n + 1) + 1) for word, n in counts.items()}
    return {word for word, _ in sorted(worth.items(), key=lambda pair: (-pair[1], pair[0]))[:WORDS_OF_A_RULE]}
