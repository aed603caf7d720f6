"""Variations of training prompts: the same log entry in other words, with other names and slightly other numbers.

Made in memory, of training rows alone, while a model is trained. What says how the event was judged (classification,
anomaly score) is never varied: it is the model's evidence, not wording.
"""

import re
from collections.abc import Sequence

import numpy as np

from events.stream.prompts import entry_and_rest, with_entry

CHANGED = 0.4  # probability that a word that has synonyms is exchanged
JITTER = 0.1  # numbers move by up to this share, as they do between two events of one kind
SYNONYMS = (
    ("failed", "unsuccessful", "rejected"),
    ("failure", "error", "fault"),
    ("denied", "refused", "blocked"),
    ("login", "logon", "sign-in"),
    ("logged", "signed"),
    ("user", "account"),
    ("connection", "session"),
    ("accepted", "allowed", "permitted"),
    ("started", "began", "launched"),
    ("stopped", "ended", "terminated"),
    ("opened", "established"),
    ("unknown", "unrecognised", "unidentified"),
    ("invalid", "illegal", "bad"),
    ("attempt", "try"),
    ("detected", "found", "observed"),
    ("suspicious", "unusual", "odd"),
    ("executed", "ran"),
    ("created", "made"),
    ("deleted", "removed"),
    ("large", "big"),
)
NAMES = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "user1", "svc-backup")

_OTHERS = {word: tuple(other for other in group if other != word) for group in SYNONYMS for word in group}
_WORD = re.compile(r"(?<![\w.@/-])[A-Za-z]+(?:-[A-Za-z]+)?(?![\w=@/-]|\.\w)")  # no part of a name or path
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_NAMED = re.compile(r"((?:\buser\.name=|\busers? |\baccount )['\"]?)([A-Za-z][\w.-]*)")
_NUMBER = re.compile(r"(?<![\w.:/-])\d{1,15}(?:\.\d{1,6})?(?![\w:/-]|\.\d)")
_FIELDS = re.compile(r"[\w.@-]+=[^,=]*(?:, [\w.@-]+=[^,=]*)+")


def variations(prompts: Sequence[str], copies: int, seed: int) -> list[list[str]]:
    """Per prompt up to `copies` different variations of it; draws depend on seed and place alone."""
    return [_variations(prompt, copies, seed, place) for place, prompt in enumerate(prompts)]


def varied(prompt: str, random: np.random.Generator) -> str:
    """One variation; the same prompt where it holds nothing that can be put otherwise."""
    entry, _ = entry_and_rest(prompt)
    if _FIELDS.fullmatch(entry):
        entry = ", ".join(random.permutation(entry.split(", ")).tolist())
    entry = _NAMED.sub(lambda found: found[1] + _pick(NAMES, random), entry)
    entry = _ADDRESS.sub(lambda found: _address(random), entry)
    entry = _NUMBER.sub(lambda found: _jittered(found[0], random), entry)
    return with_entry(prompt, _WORD.sub(lambda found: _synonym(found[0], random), entry))


def _variations(prompt: str, copies: int, seed: int, place: int) -> list[str]:
    drawn = (varied(prompt, np.random.default_rng([seed, place, copy])) for copy in range(copies))
    return list(dict.fromkeys(text for text in drawn if text != prompt))


def _synonym(word: str, random: np.random.Generator) -> str:
    others = _OTHERS.get(word.lower())
    if others is None or random.random() >= CHANGED:
        return word
    other = _pick(others, random)
    return other.capitalize() if word[0].isupper() else other


def _jittered(number: str, random: np.random.Generator) -> str:
    """As many decimals as before; 0, which is never nearly another number, stays."""
    decimals = len(number.partition(".")[2])
    return f"{float(number) * random.uniform(1 - JITTER, 1 + JITTER):.{decimals}f}"


def _address(random: np.random.Generator) -> str:
    return ".".join(str(part) for part in random.integers(1, 255, 4))


def _pick(words: Sequence[str], random: np.random.Generator) -> str:
    return words[int(random.integers(len(words)))]
