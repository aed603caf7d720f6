"""The guide of labels."""

import pytest
from django.test import Client

from incidents.models import Category, SubCategory
from incidents.services.guide import read_guide
from tests.builders import make_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def taxonomy() -> None:
    make_path("Financial fraud", "Card fraud")
    make_path("Financial fraud", "Wallet fraud")
    make_path("Hacking", "Email hacking")
    make_path("Ransomware")
    Category.objects.filter(name="Hacking").update(guide="Somebody got in.", examples=["My mailbox was opened."])
    SubCategory.objects.filter(name="Wallet fraud").update(guide="A prepaid purse was emptied.")


def shown(client: Client, query: str = "") -> dict[str, list[str]]:
    chapters = client.get("/guide/", {"q": query}).context["chapters"]
    return {chapter.category.name: [one.name for one in chapter.sub_categories] for chapter in chapters}


def test_anybody_reads_the_whole_guide(client: Client, taxonomy: None) -> None:
    assert shown(client) == {
        "Financial fraud": ["Card fraud", "Wallet fraud"],
        "Hacking": ["Email hacking"],
        "Ransomware": [],
    }
    page = client.get("/guide/").content.decode()
    assert "Somebody got in." in page
    assert "My mailbox was opened." in page


def test_a_search_shows_the_sub_categories_that_fit(client: Client, taxonomy: None) -> None:
    assert shown(client, "purse") == {"Financial fraud": ["Wallet fraud"]}


def test_a_category_that_fits_is_shown_whole(client: Client, taxonomy: None) -> None:
    assert shown(client, "financial") == {"Financial fraud": ["Card fraud", "Wallet fraud"]}


def test_every_word_has_to_occur_in_any_case(client: Client, taxonomy: None) -> None:
    assert shown(client, "MAILBOX opened") == {"Hacking": ["Email hacking"]}
    assert shown(client, "mailbox purse") == {}


def test_a_search_without_a_find_says_so(client: Client, taxonomy: None) -> None:
    assert "Nothing fits these words" in client.get("/guide/?q=zebra").content.decode()


def test_without_a_taxonomy_the_page_says_how_to_get_one(client: Client) -> None:
    assert "There is no taxonomy yet" in client.get("/guide/").content.decode()


def test_a_sub_category_stands_under_each_of_its_categories_once(client: Client) -> None:
    make_path(["A", "B"], "X")
    make_path("A", "X")
    assert shown(client) == {"A": ["X"], "B": ["X"]}


def test_the_number_of_queries_does_not_grow_with_the_taxonomy(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(12):
        make_path(f"Category {number}", f"Sub-category {number}")
    with django_assert_num_queries(3):
        assert len(read_guide()) == 12
