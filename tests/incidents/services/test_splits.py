import pytest

from incidents.services.filing import FiledReport, file_incident
from incidents.services.splits import Newcomer, place, split_of

pytestmark = pytest.mark.django_db
TEXT = "My account at the bank was emptied after I gave the one-time code to a caller who knew my name and address."
ALIKE = TEXT.replace("address", "street").upper()
OTHER = "Ransomware locked every file on the server of our clinic, and a note asks for two bitcoin by Friday noon."


def test_texts_worded_almost_alike_share_a_group_and_add_no_bands():
    first, second, third = place([Newcomer.of(text) for text in (TEXT, ALIKE, OTHER)])
    assert second.group == first.group
    assert second.bands == ()
    assert third.group != first.group


def test_a_newcomer_joins_the_side_of_its_nearest_stored_neighbour():
    stored = file_incident(FiledReport(title="", text=TEXT), source="web").incident
    (newcomer,) = place([Newcomer.of(ALIKE)])
    assert (newcomer.group, newcomer.split) == (stored.split_group, stored.split)


def test_a_document_keeps_its_rows_together_however_they_are_worded():
    placements = place(
        [Newcomer.of(TEXT, "report A"), Newcomer.of(OTHER, "report A"), Newcomer.of("Short.", "report B")]
    )
    assert placements[0].group == placements[1].group != placements[2].group
    assert placements[0].split == placements[1].split


def test_about_eighty_ten_ten_of_the_groups_fall_on_each_side():
    sides = [split_of(f"text:{number}") for number in range(5000)]
    assert abs(sides.count("train") / 5000 - 0.8) < 0.02
    assert abs(sides.count("validation") / 5000 - 0.1) < 0.02
    assert abs(sides.count("test") / 5000 - 0.1) < 0.02


def test_any_number_of_texts_costs_one_query(django_assert_num_queries):
    newcomers = [Newcomer.of(f"{OTHER} {number}") for number in range(50)]
    with django_assert_num_queries(1):
        place(newcomers)
