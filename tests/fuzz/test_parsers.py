"""The parsers read their seeds, what once broke them, and what Hypothesis makes of both."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.found import FOUND
from tests.fuzz.parsers import PARSERS, seeds

KEPT = [(file.parent.name, file) for file in sorted(FOUND.glob("*/*"))]


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_reads_what_it_is_made_for_and_what_resembles_it(name):
    for seed in seeds(name):
        PARSERS[name](seed)

    @settings(max_examples=40, deadline=None)
    @given(st.sampled_from(list(seeds(name))), st.integers(0, 200), st.binary(max_size=8), st.integers(0, 6))
    def damaged(seed, place, instead, length):
        PARSERS[name](seed[:place] + instead + seed[place + length :])

    damaged()


@pytest.mark.parametrize(("name", "file"), KEPT)
def test_what_once_broke_a_parser_does_not_break_it_again(name, file):
    PARSERS[name](file.read_bytes())
