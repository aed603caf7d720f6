import numpy as np
import pytest

from classifier.ml.taxonomy import LabelPath, Taxonomy, describe, join_labels
from tests.classifier.ml.conftest import BOTH_SIDES, CARD, MALWARE, OBSCENE, PATHS, PHISHING


def test_labels_are_joined_sorted_and_once():
    assert join_labels(["b", "a", "", "b"]) == "a or b"
    assert join_labels([]) == ""


def test_paths_are_described_in_the_reference_format():
    assert describe([PHISHING]) == "category: Fraud subcategory: Phishing"
    assert describe([OBSCENE]) == "category: Obscene material subcategory: "
    assert describe([BOTH_SIDES, CARD]) == "category: Attack or Fraud subcategory: Card or Ransom"


def test_a_key_is_stable_and_tells_equal_sub_categories_apart():
    assert BOTH_SIDES.key == "Attack or Fraud / Ransom"
    assert OBSCENE.key == "Obscene material"
    assert LabelPath.of(["A"], "X").key != LabelPath.of(["B"], "X").key


def test_a_path_survives_json():
    assert [LabelPath.from_json(path.to_json()) for path in PATHS] == list(PATHS)


@pytest.mark.parametrize("categories", [(), ("",), ("b", "a"), ("a", "a")])
def test_a_path_refuses_categories_that_are_not_sorted_unique_and_named(categories):
    with pytest.raises(ValueError, match="categor"):
        LabelPath(categories)


def test_the_probability_of_a_category_sums_all_paths_that_imply_it():
    taxonomy = Taxonomy(PATHS)
    probabilities = np.array([0.4, 0.1, 0.2, 0.25, 0.05])
    by_category = dict(zip(taxonomy.categories, probabilities @ taxonomy.category_matrix, strict=True))
    assert by_category == pytest.approx({"Attack": 0.45, "Fraud": 0.75, "Obscene material": 0.05})


def test_one_sub_category_under_two_categories_is_two_paths_and_one_sub_category():
    taxonomy = Taxonomy((LabelPath.of(["A"], "X"), LabelPath.of(["B"], "X"), LabelPath.of(["B"])))
    assert taxonomy.sub_categories == ("X",)
    assert len(taxonomy) == 3


def test_a_taxonomy_refuses_nothing_and_duplicates():
    with pytest.raises(ValueError, match="at least one"):
        Taxonomy(())
    with pytest.raises(ValueError, match="twice"):
        Taxonomy((CARD, MALWARE, CARD))
