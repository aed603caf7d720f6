from itertools import pairwise

from events.stream.augment import variations
from events.stream.prompts import entry_and_rest, prompt

SSH = prompt("Failed login for user zed from 10.0.0.1 after 120 s, 3.5 kB read from /var/log/failed", "suspicious", 0.9)
FLOW = prompt("destination.port=443, event.outcome=failed, user.name=bob", "extreme", 1.0)


def test_the_same_seed_gives_the_same_variations_and_another_one_others() -> None:
    assert variations([SSH, FLOW], 4, seed=1) == variations([SSH, FLOW], 4, seed=1)
    assert variations([SSH], 4, seed=1) != variations([SSH], 4, seed=2)


def test_variations_differ_from_the_prompt_and_from_each_other() -> None:
    (found,) = variations([SSH], 6, seed=1)
    assert len(found) == len(set(found)) > 3
    assert SSH not in found


def test_what_was_judged_is_never_varied() -> None:
    for text in variations([SSH], 8, seed=1)[0]:
        assert entry_and_rest(text)[1] == entry_and_rest(SSH)[1]


def test_names_addresses_and_words_change_and_numbers_stay_near() -> None:
    texts = [entry_and_rest(text)[0] for text in variations([SSH], 20, seed=1)[0]]
    assert not any("zed" in text or "10.0.0.1" in text for text in texts)
    assert any("Unsuccessful" in text or "Rejected" in text for text in texts)
    seconds = [int(text.split(" after ")[1].split(" s,")[0]) for text in texts]
    assert all(108 <= number <= 132 for number in seconds) and len(set(seconds)) > 5
    assert all(text.endswith("/var/log/failed") for text in texts)


def test_fields_change_their_order_and_keep_their_names() -> None:
    orders = [
        [part.split("=")[0] for part in entry_and_rest(text)[0].split(", ")] for text in variations([FLOW], 8, 1)[0]
    ]
    assert all(sorted(names) == ["destination.port", "event.outcome", "user.name"] for names in orders)
    assert any(one != other for one, other in pairwise(orders))


def test_what_holds_nothing_to_vary_gives_nothing() -> None:
    assert variations(["hello there"], 3, seed=1) == [[]]


def test_a_very_long_text_is_varied_in_no_time() -> None:
    for text in ("a=, " * 20_000, "1.1.1.1." * 20_000, "user " * 20_000, "a-" * 40_000):
        variations([text], 1, seed=1)
