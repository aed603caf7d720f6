import csv

import pytest

from incidents.models import Label
from incidents.services.profile import profile_database, profile_file
from tests.builders import make_incident, make_label, make_path

pytestmark = pytest.mark.django_db
ROWS = [
    ("one two three", "a", "X"),
    (" one two three\r\n", "b", "Y"),
    ("One, two - THREE 4", "a", "X"),
    ("something else", "a or b", "X or Y"),
    ("something else", "a or b", "X or Y"),
    ("unlabelled", "", "nan"),
    ("", "a", ""),
    ("y" * 20_001, "c", ""),
]


@pytest.fixture
def profile(tmp_path):
    file = tmp_path / "reports.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "category", "sub_category"), *ROWS, ("too", "few")])
    return profile_file(file)


def by_name(counts):
    return {counted.name: counted.rows for counted in counts}


def label(incident, *paths):
    incident.current_label = make_label(incident, paths=paths, verdict=Label.Verdict.CORRECT)
    incident.save()


def test_missing_values_and_unreadable_rows_are_counted(profile):
    assert (profile.rows, profile.unreadable) == (8, 1)
    assert by_name(profile.missing) == {"text": 1, "category": 1, "sub-category": 3}


def test_exact_and_almost_exact_duplicates_are_told_apart(profile):
    assert (profile.duplicates, profile.near_duplicates) == (2, 1)


def test_texts_under_different_labels_are_conflicts(profile):
    assert (profile.conflicts, profile.conflict_rows) == (1, 2)


def test_lengths_have_quantiles_and_too_long_texts_are_counted(profile):
    characters, words = profile.lengths
    assert (characters.quantiles["min"], characters.quantiles["max"], words.quantiles["max"]) == (10, 20_001, 5)
    assert profile.too_long == 1


def test_labels_are_counted_by_name_most_frequent_first(profile):
    assert [(counted.name, counted.rows) for counted in profile.categories] == [("a", 5), ("b", 3), ("c", 1)]
    assert by_name(profile.sub_categories) == {"X": 4, "Y": 3}
    assert profile.categories[0].share == 5 / 8
    assert (profile.labelled, profile.several) == (7, 2)


def test_the_database_is_measured_by_present_texts_and_labels():
    sim_swap = make_path("Fraud", "Card Fraud or SIM Swap Fraud")
    label(make_incident(text="my money is gone"), sim_swap)
    label(make_incident(text="my money is gone", source="demo"), make_path("Attack"))
    make_incident(text="My money is GONE!")
    found = profile_database()
    assert (found.rows, found.labelled, found.several) == (3, 2, 0)
    assert (found.duplicates, found.near_duplicates, found.conflicts, found.conflict_rows) == (1, 1, 1, 2)
    assert by_name(found.sub_categories) == {"Card Fraud or SIM Swap Fraud": 1}
    assert by_name(found.origins) == {"Web form": 2, "Synthetic sample": 1}


def test_an_empty_database_has_a_profile_too():
    found = profile_database()
    assert (found.rows, found.labelled, found.categories, found.lengths[0].mean) == (0, 0, (), 0.0)
