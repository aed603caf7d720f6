import csv
from pathlib import Path

import pytest

from incidents.demo import taxonomy
from incidents.demo.taxonomy import DemoDataError, DemoLabel, load_taxonomy

TAMPERING = "Tampering with Computer Source Documents"


def labels() -> tuple[DemoLabel, ...]:
    return load_taxonomy().categories + load_taxonomy().sub_categories


def test_the_rows_are_those_of_the_file_in_its_order():
    with (Path(taxonomy.__file__).parent / "taxonomy.csv").open(encoding="utf-8", newline="") as file:
        assert [tuple(row) for row in csv.reader(file)][1:] == list(load_taxonomy().rows)


def test_there_are_fifteen_categories_and_thirty_five_sub_categories():
    assert (len(load_taxonomy().categories), len(load_taxonomy().sub_categories)) == (15, 35)
    assert len(set(load_taxonomy().rows)) == 40


def test_four_categories_have_no_sub_category():
    assert sum(not sub for _, sub in load_taxonomy().rows) == 4


def test_tampering_sits_under_two_categories():
    assert len([row for row in load_taxonomy().rows if row[1] == TAMPERING]) == 2


@pytest.mark.parametrize("label", labels(), ids=lambda label: label.name)
def test_a_label_has_a_guide_and_two_examples(label):
    assert len(label.guide) >= 40
    assert len(set(label.examples)) == 2
    assert all(len(example) >= 20 for example in label.examples)


def test_a_guide_that_names_an_unknown_label_is_refused(tmp_path, monkeypatch):
    here = Path(taxonomy.__file__).parent
    (tmp_path / "data").mkdir()
    (tmp_path / "taxonomy.csv").write_text((here / "taxonomy.csv").read_text() + "New Category,\n")
    (tmp_path / "data" / "guides.toml").write_text((here / "data" / "guides.toml").read_text())
    monkeypatch.setattr(taxonomy, "HERE", tmp_path)
    with pytest.raises(DemoDataError, match="New Category"):
        load_taxonomy.__wrapped__()
