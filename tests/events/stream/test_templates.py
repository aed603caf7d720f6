import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.stream.templates import CACHE_LETTERS, TEXT, Templates
from events.stream.templates_mask import masked
from events.stream.templates_miner import MOST_IN_GROUP, Miner


@pytest.mark.parametrize(
    ("message", "mask"),
    [
        ("Failed password for root from 10.0.0.7 port 4022 ssh2", "Failed password for root from <*> port <*> ssh<*>"),
        ("mail from ann.b+c@example.org done", "mail from <*> done"),
        ("job 550e8400-e29b-41d4-a716-446655440000 ended", "job <*> ended"),
        ("aa:bb:cc:dd:ee:ff joined", "<*> joined"),
        ("from fe80::1%eth0 to ::1", "from <*> to <*>"),
        ("GET https://example.org/a?b=c", "GET <*>"),
        ("open /var/log/x.log: denied", "open <*>: denied"),
        (r"ran C:\Windows\system32\cmd.exe /c", "ran <*> <*>"),
        ("at 0xdeadbeef and deadbeef01", "at <*> and <*>"),
        ("2026-01-02 10:11:12,345 uid=0", "<*> <*> uid=<*>"),
        ("session opened", "session opened"),
        ("accessed the facade", "accessed the facade"),
        ("", ""),
    ],
)
def test_values_are_masked_by_their_look(message, mask):
    assert masked(message) == mask


def test_messages_that_differ_in_values_only_have_one_template():
    templates = Templates()
    first = templates.of("Failed password for root from 10.0.0.7 port 4022 ssh2")
    assert templates.of("Failed password for root from 192.168.1.30 port 9 ssh2") == first
    assert first.text == "Failed password for root from <*> port <*> ssh<*>"
    assert 0 <= first.id < 2**63


def test_a_word_that_varies_becomes_a_variable_and_earlier_messages_follow():
    templates = Templates()
    users = ["ann", "bob", "cleo", "dan", "eve"]
    texts = [templates.of(f"Invalid user {user} from 10.0.0.1").text for user in users]
    assert texts[0] == "Invalid user ann from <*>"
    assert texts[-1] == "Invalid user <*> from <*>"
    assert {templates.of(f"Invalid user {user} from 10.0.0.1").text for user in users} == {texts[-1]}


def test_a_word_with_few_values_is_not_taken_for_a_variable():
    templates = Templates()
    said = [f"pam_unix: session {what} for user {user}" for user in map("user{}".format, "abcdefgh") for what in ("opened", "closed")]  # fmt: skip  # noqa: E501
    for message in said * 2:
        last = templates.of(message).text
    assert last == "pam_unix: session closed for user <*>"
    assert templates.of(said[0]).text == "pam_unix: session opened for user <*>"


def test_known_templates_make_a_new_process_agree_with_an_old_one():
    generator = random.Random(0)
    names = ["".join(generator.choices("abcdefghij", k=5)) for _ in range(300)]
    said = [f"user {name} {what} host {generator.choice(names)}" for name in names for what in ("joined", "left")]
    old = Templates()
    for message in said:
        old.of(message)
    settled = [old.of(message) for message in said]
    new = Templates(known={template.text: None for template in settled})
    assert [new.of(message) for message in said] == settled
    assert [one.id for one in settled] != [Templates().of(message).id for message in said]


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_has_a_short_template_and_the_same_one_again(text):
    templates = Templates()
    found = templates.of(text)
    assert len(found.text) <= TEXT
    assert templates.of(text) == found == Templates().of(text)


@given(st.text(max_size=200), st.randoms())
@settings(max_examples=200, deadline=None)
def test_other_digits_never_make_another_template(text, generator):
    other = "".join(generator.choice("0123456789") if one in "0123456789" else one for one in text)
    assert masked(other) == masked(text)
    assert Templates().of(other) == Templates().of(text)


def test_half_of_a_surrogate_pair_is_survived():
    assert Templates().of("broken \ud800 text").text == "broken ? text"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a@",
        "/",
        "0:",
        "f",
        "1-",
        "::",
        "a://",
        "0x",
        "ffffffff-ffff-",
        "aa:",
        "~",
        "C:\\",
        "f:",
        ":",
        "é",
        "a ",
    ],
)
def test_a_megabyte_of_anything_costs_little(piece):
    message = piece * (1_000_000 // len(piece))
    templates = Templates()
    started = time.process_time()
    templates.of(message)
    assert time.process_time() - started < 0.05


def test_memory_is_bounded_however_many_messages_are_distinct():
    generator = random.Random(0)
    templates = Templates(most_clusters=200, cache=300)
    for _ in range(6000):
        words = ["".join(generator.choices("abcdefghijklmnop", k=4)) for _ in range(generator.randint(1, 9))]
        templates.of(" ".join(words))
    assert len(templates._miner) <= 200
    assert len(templates._cache._young) <= 300
    assert sum(map(len, templates._miner._groups.values())) == len(templates._miner)
    assert sum(templates._miner._first_words.values()) == len(templates._miner._groups)


def test_the_cache_is_bounded_in_letters_too():
    templates = Templates()
    for number in range(3000):
        templates.of("é" * 900 + "x" * (number % 1000))
    assert templates._cache._letters <= CACHE_LETTERS + 4000


def test_what_is_in_use_outlives_noise():
    generator = random.Random(0)
    templates = Templates(most_clusters=100, cache=50)
    for user in ["ann", "bob", "cleo", "dan", "eve"]:
        known = templates.of(f"user {user} logged in")
    for _ in range(3000):
        templates.of(" ".join("".join(generator.choices("abcdefgh", k=5)) for _ in range(4)))
        templates.of("user eve logged in")
    assert templates.of("user zoe logged in") == known


def test_a_group_that_is_full_forgets_one_that_is_not_used():
    miner = Miner(1000)
    for number in range(2 * MOST_IN_GROUP):
        miner.cluster(["same", f"a{number}", f"b{number}", f"c{number}", f"d{number}"])
    assert len(miner) == MOST_IN_GROUP


def test_first_words_that_never_repeat_become_a_variable():
    generator = random.Random(0)
    templates = Templates()
    names = ["".join(generator.choices("abcdefghij", k=6)) for _ in range(150)]
    texts = [templates.of(f"{name} logged in from the office").text for name in names]
    assert texts[-1] == "<*> logged in from the office"
