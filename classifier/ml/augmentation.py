"""Training reports read a little differently in every epoch: words left out, words misspelt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.ml.text import normalise

SHORTEST = 4  # letters of a word that can be misspelt and still be meant: "no" and "on" are two words


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Draws depend on seed, epoch and the report's place only, so that a resumed run draws the same."""

    word_dropout: float  # probability that a word is left out
    spelling_noise: float  # probability that a word is misspelt
    seed: int

    def __bool__(self) -> bool:
        return self.word_dropout > 0 or self.spelling_noise > 0

    def texts(self, texts: Sequence[str], epoch: int) -> list[str]:
        return [
            self._varied(text, np.random.default_rng([self.seed, epoch, place])) for place, text in enumerate(texts)
        ]

    def _varied(self, text: str, random: np.random.Generator) -> str:
        words = normalise(text).split()
        return " ".join(misspelt(dropped(words, self.word_dropout, random), self.spelling_noise, random))


def dropped(words: Sequence[str], probability: float, random: np.random.Generator) -> list[str]:
    """The words that stay: each goes with `probability`, but never all of them."""
    stays = random.random(len(words)) >= probability
    return [word for word, kept in zip(words, stays, strict=True) if kept] or list(words)


def misspelt(words: Sequence[str], probability: float, random: np.random.Generator) -> list[str]:
    """Each word of some length gets one slip of the pen with `probability`."""
    slips = random.random(len(words)) < probability
    return [_slip(word, random) if slips[place] and len(word) >= SHORTEST else word for place, word in enumerate(words)]


def _slip(word: str, random: np.random.Generator) -> str:
    """Two letters exchanged, one left out, one doubled, or one taken for another of the word: true of any script."""
    place = int(random.integers(len(word) - 1))
    before, first, second, after = word[:place], word[place], word[place + 1], word[place + 2 :]
    other = word[int(random.integers(len(word)))]
    slips = (second + first, second, first + first + second, other + second)
    return before + slips[int(random.integers(len(slips)))] + after
