"""One invented writer: fills sentence patterns so that the bank, the amount and the date stay the same throughout."""

import re
from random import Random

from incidents.demo.phrasebook import Sentences
from incidents.demo.slot_values import MADE_UP
from incidents.demo.taxonomy import DemoDataError

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([a-z]+)(\d?)\}")
_LOOSE = re.compile(r" +([.,]|$)")


class Writer:
    """Turns patterns into sentences. `[a|b]` is a choice; `{slot}` is filled once and then remembered.

    `{slot2}` is a second, independent value of the same kind. `abroad` picks names and currencies from outside India.
    A `vague` writer says little more than that something happened.
    """

    def __init__(self, rng: Random, slots: dict[str, Sentences], *, abroad: bool, vague: bool) -> None:
        self.rng = rng
        self.abroad = abroad
        self.vague = vague
        self._slots = slots
        self._remembered: dict[str, str] = {}

    def pick(self, patterns: Sentences) -> str:
        return self.say(self.rng.choice(patterns))

    def several(self, patterns: Sentences, most: int) -> list[str]:
        """Up to `most` different patterns, in random order, as sentences."""
        return [self.say(pattern) for pattern in self.rng.sample(patterns, min(most, len(patterns)))]

    def say(self, pattern: str, **given: str) -> str:
        """The sentence of a pattern; `given` fills slots that belong to this sentence alone."""
        chosen = _CHOICE.sub(lambda match: self.rng.choice(match[1].split("|")), pattern)
        filled = _SLOT.sub(lambda match: given.get(match[1]) or self._value(match[1], match[2]), chosen)
        tidy = _LOOSE.sub(r"\1", filled.replace("  ", " ")).strip()
        return tidy[:1].upper() + tidy[1:]

    def _value(self, slot: str, number: str) -> str:
        key = slot + number
        if key not in self._remembered:
            self._remembered[key] = self._new_value(slot)
        return self._remembered[key]

    def _new_value(self, slot: str) -> str:
        if maker := MADE_UP.get(slot):
            return maker(self.rng, self.abroad)
        if listed := (self.abroad and self._slots.get(f"{slot}_abroad")) or self._slots.get(slot):
            return self.rng.choice(listed)
        raise DemoDataError(f"a pattern uses {{{slot}}}, which neither slots.toml nor slot_values.py knows")
