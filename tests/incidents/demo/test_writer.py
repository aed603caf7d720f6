from random import Random

import pytest

from incidents.demo.taxonomy import DemoDataError
from incidents.demo.writer import Writer

SLOTS = {"bank": ("One Bank", "Two Bank", "Three Bank"), "bank_abroad": ("Far Bank",)}


def make_writer(seed: int = 1, *, abroad: bool = False) -> Writer:
    return Writer(Random(seed), SLOTS, abroad=abroad, vague=False)


def test_a_slot_keeps_its_value_within_a_report():
    writer = make_writer()
    assert len({writer.say("{bank} {amount} {date}") for _ in range(20)}) == 1


def test_a_numbered_slot_is_drawn_independently():
    pairs = {make_writer(seed).say("{bank}|{bank2}".replace("|", " / ")) for seed in range(40)}
    assert any(len(set(pair.split(" / "))) == 2 for pair in pairs)


def test_every_alternative_can_come():
    writer = make_writer()
    assert {writer.say("I [paid|gave] it [all|].") for _ in range(60)} == {
        "I paid it all.",
        "I gave it all.",
        "I paid it.",
        "I gave it.",
    }


def test_writers_abroad_use_names_and_money_from_there():
    writer = make_writer(abroad=True)
    assert writer.say("{bank}") == "Far Bank"
    assert any(unit in writer.say("{amount}") for unit in ("USD", "EUR", "dollars", "euro", "$"))


def test_an_unknown_slot_is_named_in_the_error():
    with pytest.raises(DemoDataError, match="planet"):
        make_writer().say("I live on {planet}.")
