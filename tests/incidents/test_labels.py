import pytest

from incidents.labels import CellSplitter, LabelProblem, clean_label, split_cell

SIM_SWAP = "Debit/Credit Card Fraud or SIM Swap Fraud"


@pytest.mark.parametrize(
    ("cell", "label"),
    [("  UPI \r\n", "UPI"), ("nan", ""), ("NaN ", ""), ("", ""), ("Nandi", "Nandi"), ("e\u0301", "é")],
)
def test_a_cell_is_trimmed_and_a_missing_value_is_empty(cell, label):
    assert clean_label(cell) == label


def test_a_cell_is_split_at_or_and_sorted():
    assert split_cell("b or a or b", known=()) == ("a", "b")


def test_an_empty_cell_holds_no_names():
    assert split_cell("", known=()) == ()


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        (SIM_SWAP, (SIM_SWAP,)),
        (f"{SIM_SWAP} or UPI", (SIM_SWAP, "UPI")),
        (f"UPI or {SIM_SWAP}", (SIM_SWAP, "UPI")),
        (f"new or {SIM_SWAP}", (SIM_SWAP, "new")),
        ("new or newer or UPI", ("UPI", "new", "newer")),
    ],
)
def test_a_known_name_that_holds_or_stays_whole(cell, names):
    assert split_cell(cell, known={SIM_SWAP, "UPI"}) == names


def test_of_two_ways_to_cut_the_longer_known_names_win():
    assert split_cell("a or b or c", known={"a", "b", "c", "a or b"}) == ("a or b", "c")


def test_a_cut_without_unknown_names_beats_a_longer_name():
    assert split_cell("a or b or c", known={"a", "a or b", "b or c"}) == ("a", "b or c")


def test_an_endless_cell_is_a_problem_and_not_a_long_wait():
    with pytest.raises(LabelProblem, match="right column"):
        split_cell("a or " * 10_000, known=())


def test_a_name_that_fills_a_cell_alone_becomes_known():
    splitter = CellSplitter.of([("a", "x"), ("b or a", "y or x")], {"b or a"}, ())
    assert splitter.pairing("b or a", "x or y") == (("b or a",), ("x", "y"))


@pytest.mark.parametrize("name", ["x" * 201, "two\nlines", "nul\0"])
def test_a_name_that_cannot_be_stored_is_a_problem(name):
    with pytest.raises(LabelProblem):
        CellSplitter.of([], (), ()).pairing("a", name)
