from incidents.demo.phrasebook import load_phrasebook
from incidents.demo.taxonomy import load_taxonomy


def test_every_path_names_known_neighbours_and_a_known_family():
    book = load_phrasebook()
    names = {path.name for path in book.paths}
    assert all(set(path.neighbours) <= names - {path.name} for path in book.paths)
    assert {path.family for path in book.paths} == set(book.families)


def test_every_path_has_patterns_of_its_own():
    situations = [sentence for path in load_phrasebook().paths for sentence in path.situations]
    assert len(situations) == len(set(situations))
    assert all(len(path.situations) >= 4 for path in load_phrasebook().paths)


def test_the_paths_are_the_rows_of_the_taxonomy():
    assert {path.row for path in load_phrasebook().paths} == set(load_taxonomy().rows)


def test_categories_without_sub_category_are_told_soberly():
    book = load_phrasebook()
    assert {path.row[1] for path in book.paths if path.sensitive} == {""}
    assert not any("screenshot" in sentence for sentence in book.sensitive.background)
