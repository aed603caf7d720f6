"""Keys: the same for a redelivery, different for everything else."""

from events.stream.event import Line
from events.stream.keys import KEY_BYTES, event_key, number_of


def test_a_redelivery_has_the_same_key_and_equal_lines_at_other_places_have_not():
    line = Line(b"failed login", "auth.log", 100)
    same, moved = Line(b"failed login", "auth.log", 100), Line(b"failed login", "auth.log", 200)
    other_file, other_words = Line(b"failed login", "auth.log 2", 100), Line(b"login", "auth.log", 100)
    key = event_key(1, "", line)
    assert event_key(1, "", same) == key
    assert len({key.key, *(event_key(1, "", one).key for one in (moved, other_file, other_words))}) == 4
    assert len(key.key) == KEY_BYTES


def test_an_id_of_its_own_beats_the_place_and_tells_other_content():
    first = event_key(1, "evt-1", Line(b'{"a":1}', "batch 1", 0))
    again = event_key(1, "evt-1", Line(b'{"a":1}', "batch 2", 7))
    changed = event_key(1, "evt-1", Line(b'{"a":2}', "batch 2", 7))
    assert first == again
    assert (changed.key, changed.content == first.content) == (first.key, False)


def test_numbers_fit_a_signed_column_and_do_not_run_together():
    assert 0 <= number_of(1, "a", "b") < 2**63
    assert number_of(1, "ab", "") != number_of(1, "a", "b")
