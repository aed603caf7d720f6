import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.ml.taxonomy import LabelPath, category_text, join_labels, sub_category_text
from incidents.labels import LabelProblem
from incidents.paths import PathBook, defined_paths


def pairing(categories, sub_categories=""):
    return tuple(categories.split()), tuple(sub_categories.split())


def keys(*rows, known=()):
    return [path.key for path in defined_paths(rows, known)]


def book(*keys):
    return PathBook.of(LabelPath.of(left.split(), right) for left, _, right in (key.partition("/") for key in keys))


def read(paths, categories, sub_categories=""):
    return [path.key for path in paths.resolve(*pairing(categories, sub_categories))]


def test_a_sub_category_that_always_comes_with_the_same_categories_is_one_path():
    assert keys(pairing("a b", "X"), pairing("a b", "X")) == ["a or b / X"]


def test_a_sub_category_that_comes_now_with_one_now_with_another_is_a_path_for_each():
    assert keys(pairing("a", "X"), pairing("b", "X")) == ["a / X", "b / X"]


def test_a_union_of_sets_that_exist_is_no_path_of_its_own():
    assert keys(pairing("a b", "X"), pairing("b", "X"), pairing("a", "X")) == ["a / X", "b / X"]
    assert keys(pairing("a b c", "X"), pairing("b c", "X"), pairing("a b", "X")) == ["a or b / X", "b or c / X"]


def test_a_set_that_only_contains_a_smaller_one_is_a_path_of_its_own():
    assert keys(pairing("a", "X"), pairing("a b", "X")) == ["a / X", "a or b / X"]


def test_a_category_that_stands_alone_is_not_drawn_into_a_path():
    assert keys(pairing("a", "X"), pairing("a b", "X"), pairing("b")) == ["a / X", "b"]


def test_a_sub_category_that_never_comes_without_both_keeps_both_although_one_stands_alone():
    assert keys(pairing("a b", "X"), pairing("b")) == ["a or b / X", "b"]


def test_rows_without_sub_category_make_a_path_of_each_category():
    assert keys(pairing("a b")) == ["a", "b"]


def test_rows_with_several_sub_categories_define_nothing():
    assert keys(pairing("a b", "X Y")) == []


def test_paths_that_are_known_are_not_defined_again():
    known = [LabelPath.of(["a"], "X"), LabelPath.of(["b"], "X")]
    assert keys(pairing("a b", "X"), pairing("c", "X"), known=known) == ["c / X"]


def test_no_labels_mean_no_paths():
    assert read(book("a/X"), "") == []


def test_each_sub_category_takes_the_listed_categories_it_sits_under():
    paths = book("a/X", "b/X", "b/Y", "c d/Z")
    assert read(paths, "a b", "X Y") == ["a / X", "b / X", "b / Y"]
    assert read(paths, "a c d", "X Z") == ["a / X", "c or d / Z"]


def test_of_nested_paths_the_largest_that_is_listed_is_taken():
    assert read(book("a/X", "a b/X"), "a b", "X") == ["a or b / X"]
    assert read(book("a/X", "a b/X"), "a", "X") == ["a / X"]


def test_a_listed_category_that_nobody_takes_may_stand_alone():
    assert read(book("a/X", "b"), "a b", "X") == ["a / X", "b"]


@pytest.mark.parametrize(
    ("categories", "sub_categories", "reason"),
    [
        ("a b", "X", "none of the listed sub-categories sits under “b”"),
        ("b", "X", "“X” does not sit under “b”"),
        ("a", "Y", "does not sit under “a” but under “b” and “c”"),
        ("a", "", "“a” needs a sub-category"),
        ("", "X", "without a category"),
        ("a", "Q", "no sub-category “Q”"),
        ("q", "X", "no category “q”"),
    ],
)
def test_what_stays_ambiguous_or_unknown_is_a_problem_that_says_why(categories, sub_categories, reason):
    with pytest.raises(LabelProblem, match=reason):
        read(book("a/X", "b c/Y", "b/Z"), categories, sub_categories)


names = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True).map(lambda some: tuple(sorted(some)))
rows = st.lists(st.tuples(names, st.sampled_from([(), ("X",), ("Y",), ("Z",)])), min_size=1, max_size=12)


@given(rows)
def test_every_row_that_defined_paths_reads_back_as_exactly_its_own_labels(rows):
    paths = PathBook.of(defined_paths(rows))
    for categories, sub_categories in rows:
        found = paths.resolve(categories, sub_categories)
        assert category_text(found) == join_labels(categories)
        assert sub_category_text(found) == join_labels(sub_categories)


@given(rows)
def test_defining_twice_adds_nothing_and_the_order_of_rows_does_not_matter(rows):
    once = defined_paths(rows)
    assert defined_paths(rows, once) == []
    assert defined_paths(list(reversed(rows))) == once
