"""Tiny real models and reports for the tests of the model core."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from threadpoolctl import threadpool_limits

from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath

PHISHING = LabelPath.of(["Fraud"], "Phishing")
CARD = LabelPath.of(["Fraud"], "Card")
MALWARE = LabelPath.of(["Attack"], "Malware")
BOTH_SIDES = LabelPath.of(["Attack", "Fraud"], "Ransom")
OBSCENE = LabelPath.of(["Obscene material"])
PATHS = (PHISHING, CARD, MALWARE, BOTH_SIDES, OBSCENE)

SENTENCES = {
    0: "someone sent a false mail with a link that asked for my password number {}",
    1: "money was taken from my credit card at a shop that i never saw, amount {}",
    2: "a program on my computer deletes files and opens windows, case {}",
    3: "all files are locked and they want bitcoin to give back the key {}",
    4: "a stranger sends me dirty pictures every evening at {} o clock",
}


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny models lose more to threads than they gain, most of all on a busy machine."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def make_examples() -> Callable[[int], tuple[Example, ...]]:
    """`count` reports over five paths, every tenth of which carries two labels."""

    def make(count: int, start: int = 0) -> tuple[Example, ...]:
        examples = []
        for number in range(start, start + count):
            first = number % 5
            if number % 10 == 9:
                text = f"{SENTENCES[0].format(number)} and {SENTENCES[1].format(number)}"
                examples.append(Example(text, (0, 1)))
            else:
                examples.append(Example(SENTENCES[first].format(number), (first,)))
        return tuple(examples)

    return make


@pytest.fixture
def no_progress() -> Callable[[Any], None]:
    return lambda progress: None
