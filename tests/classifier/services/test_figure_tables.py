"""Figures as tables."""

from typing import Any

from classifier.services.comparison import Column
from classifier.services.figure_tables import class_tables, confusion, figure_rows
from tests.builders import make_figures


def columns(*figures: dict[str, Any]) -> list[Column]:
    return [Column(str(place), None, one) for place, one in enumerate(figures)]  # type: ignore[arg-type]


def best(name: str, *figures: dict[str, Any]) -> list[bool]:
    row = next(row for row in figure_rows(columns(*figures)) if row.name == name)
    return [cell.best for cell in row.cells]


def test_more_is_better_for_accuracy_and_less_for_errors() -> None:
    assert best("Both: accuracy", make_figures(0.8), make_figures(0.9)) == [False, True]
    assert best("Log loss", make_figures(nll=0.4), make_figures(nll=0.6)) == [True, False]


def test_figures_that_read_the_same_are_equally_good() -> None:
    assert best("Both: accuracy", make_figures(0.90001), make_figures(0.90002), make_figures(0.8)) == [
        True,
        True,
        False,
    ]


def test_one_column_or_equal_columns_have_no_best() -> None:
    assert best("Both: accuracy", make_figures()) == [False]
    assert best("Both: accuracy", make_figures(), make_figures()) == [False, False]


def test_the_number_of_reports_is_no_contest() -> None:
    assert best("Test reports", make_figures(n=10), make_figures(n=20)) == [False, False]


def test_the_matrix_is_ordered_by_frequency_and_shaded_by_share_of_the_row() -> None:
    table = confusion(make_figures(confusion={"labels": ["a", "b"], "counts": [[1, 0], [2, 8]]}))
    assert [(row.label, row.total) for row in table.rows] == [("b", 10), ("a", 1)]
    assert [(cell.count, cell.shade, cell.right) for cell in table.rows[0].cells] == [(8, 8, True), (2, 2, False)]
    assert [cell.shade for cell in table.rows[1].cells] == [0, 9]


def test_a_class_that_only_the_model_says_has_an_empty_row() -> None:
    table = confusion(make_figures(confusion={"labels": ["a", "b"], "counts": [[3, 1], [0, 0]]}))
    assert [cell.shade for cell in table.rows[1].cells] == [0, 0]


def test_a_matrix_too_large_for_a_screen_says_what_is_left_out() -> None:
    labels = [f"class {number:02}" for number in range(40)]
    counts = [[40 - i if i == j else 0 for j in range(40)] for i in range(40)]
    table = confusion(make_figures(confusion={"labels": labels, "counts": counts}))
    assert (len(table.rows), len(table.rows[0].cells), table.left_out) == (30, 30, 10)
    assert table.rows[0].label == "class 00"


def test_classes_come_the_most_frequent_first() -> None:
    (name, classes), *_ = class_tables(make_figures())
    assert name == "Category"
    assert [row["support"] for row in classes] == [120, 80]
