"""How words of an earlier taxonomy version read today."""

import random
from collections.abc import Callable

import pytest

from classifier.ml.taxonomy import LabelPath
from classifier.services.taxonomy_since import Since, newest_version, paths_then, since
from incidents.models import Path, TaxonomyStep
from incidents.services.taxonomy import current_version
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import TaxonomyRefused, Wish
from tests.builders import make_path

pytestmark = pytest.mark.django_db
Then = dict[int, LabelPath]  # what each path in use was called


@pytest.fixture(autouse=True)
def version() -> int:
    for category, sub in (("Fraud", "Vishing"), ("Fraud", "Phishing"), ("Attack", "Malware"), ("Abuse", "")):
        make_path(category, sub)
    make_path(("Attack", "Fraud"), "Loan app")
    return current_version().pk


def words(row: Path | None) -> LabelPath | None:
    return LabelPath(row.category_names, row.sub_category_name) if row else None


def in_use() -> Then:
    rows = Path.objects.with_names().filter(state__in=[Path.State.LIVE, Path.State.DIVIDED])
    return {row.pk: LabelPath(row.category_names, row.sub_category_name) for row in rows}


def path(key: str) -> LabelPath:
    categories, _, sub = key.partition(" / ")
    return LabelPath.of(categories.split(" or "), sub)


def step(kind: str, label: str = "", **more: object) -> TaxonomyStep:
    return take(Wish(kind, label, **more), by=None)


def test_while_nothing_was_changed_it_takes_one_query(
    version: int, django_assert_num_queries: Callable[[int], object]
) -> None:
    with django_assert_num_queries(1):
        assert since(version) == Since()
    with django_assert_num_queries(0):
        assert since(None) == Since()


def test_renamed_labels_are_told_by_their_new_names_and_have_not_moved(version: int) -> None:
    step("rename", category="Fraud", name="Swindle")
    step("rename", "Attack / Malware", name="Virus")
    found = since(version)
    assert found.paths[path("Fraud / Vishing")] == path("Swindle / Vishing")
    assert found.paths[path("Attack / Malware")] == path("Attack / Virus")
    assert path("Abuse") not in found.paths and not found.moved
    assert found.category_text("Attack or Fraud") == "Attack or Swindle"
    assert since(newest_version()) == Since()


def test_a_name_given_back_is_the_first_one_again(version: int) -> None:
    renamed = step("rename", category="Fraud", name="Swindle")
    between = newest_version()
    step("undo", undoes=renamed.pk)
    assert not since(version).paths
    assert since(between).paths[path("Swindle / Vishing")] == path("Fraud / Vishing")
    assert since(between).category_text("Swindle") == "Fraud"


def test_merged_labels_are_what_they_became_and_retired_ones_nothing(version: int) -> None:
    step("merge", "Fraud / Vishing", into="Fraud / Phishing")
    step("retire", "Abuse")
    found = since(version)
    assert found.paths == {path("Fraud / Vishing"): path("Fraud / Phishing"), path("Abuse"): None}
    assert found.category_text("Abuse") is None and found.category_text("Abuse or Fraud") == "Fraud"
    by_key = {one.label.key: one for one in found.moved.values()}
    assert by_key["Fraud / Vishing"].now == path("Fraud / Phishing") and by_key["Abuse"].now is None


def test_a_split_label_stays_whole_and_is_told_to_have_moved(version: int) -> None:
    step("split", "Fraud / Vishing", names=("Bank calls", "Police calls"))
    found = since(version)
    assert not found.paths and found.category_text("Fraud") == "Fraud"
    assert [(one.label.key, one.divided) for one in found.moved.values()] == [("Fraud / Vishing", True)]


def test_a_category_is_what_all_of_its_labels_stand_under_now(version: int) -> None:
    step("merge", category="Attack", into="Abuse")
    found = since(version)
    assert found.category_text("Attack") == "Abuse" and found.category_text("Fraud") == "Fraud"
    assert found.paths[path("Attack or Fraud / Loan app")] == path("Abuse or Fraud / Loan app")


def test_a_category_that_keeps_a_label_is_itself(version: int) -> None:
    step("merge", "Fraud / Vishing", into="Attack / Malware")
    assert since(version).category_text("Fraud") == "Fraud"


def test_a_category_whose_labels_went_several_ways_says_nothing(version: int) -> None:
    step("move", "Fraud / Vishing", categories=("Abuse",))
    step("move", "Fraud / Phishing", categories=("Attack",))
    step("retire", "Attack or Fraud / Loan app")
    assert since(version).category_text("Fraud") is None


def test_paths_are_told_as_they_were_called(version: int) -> None:
    (number,) = Path.objects.filter(key="Fraud / Vishing").values_list("pk", flat=True)
    step("rename", "Fraud / Vishing", name="Voice")
    step("rename", category="Fraud", name="Swindle")
    assert paths_then([number], version) == (path("Fraud / Vishing"),)
    assert paths_then([number], current_version().pk) == (path("Swindle / Voice"),)


@pytest.mark.parametrize("seed", range(8))
def test_words_of_any_moment_read_as_their_paths_do_whatever_happens_after(version: int, seed: int) -> None:
    chance, moments = random.Random(seed), {version: in_use()}
    for number in range(10):
        try:
            take(a_wish(chance, number), by=None)
        except TaxonomyRefused:
            continue
        moments[current_version().pk] = in_use()
    rows = Path.objects.with_names().in_bulk()
    for moment, then in moments.items():
        found = since(moment)
        told = {pk: found.paths.get(called, called) for pk, called in then.items()}
        assert told == {pk: words(rows[pk].present) for pk in then}, f"in the words of version {moment}"
        assert paths_then(list(then), moment) == tuple(then.values())


def a_wish(chance: random.Random, number: int) -> Wish:
    live = sorted(Path.objects.live().values_list("key", flat=True))
    label, other = chance.choice(live), chance.choice(live)
    category = chance.choice(sorted({name for key in live for name in path(key).categories}))
    undoes = chance.choice([0, *TaxonomyStep.objects.values_list("pk", flat=True)])
    return chance.choice(
        [
            Wish("rename", label, name=f"Sub {number}"),
            Wish("rename", category=category, name=f"Name {number}"),
            Wish("merge", label, into=other),
            Wish("merge", category=category, into=chance.choice(sorted({*path(other).categories}))),
            Wish("move", label, categories=(category, f"New {number}")),
            Wish("split", label, names=(f"Part {number}", f"Piece {number}")),
            Wish("retire", label),
            Wish("undo", undoes=undoes),
            Wish("undo", undoes=undoes),
        ]
    )
