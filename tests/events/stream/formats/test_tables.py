"""The mapping tables that ship, and what a table must not say."""

import pytest

from events.stream.formats import FORMATS, tables
from events.stream.formats.tables import CATEGORY, GUESS, LONGEST_NAME, NUMBER, TEXT, BrokenTable, load_table


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_sound_table(name):
    table = load_table(name)
    assert table.entity
    assert all(len(to) <= LONGEST_NAME for to, kind in table.targets.values() if kind in (NUMBER, CATEGORY))


def test_no_file_lies_about_that_is_no_formats():
    assert {file.stem for file in tables.HERE.glob("*.yaml")} == FORMATS.keys()


def test_no_port_or_id_is_aggregated():
    names = {to for name in FORMATS for to, kind in load_table(name).targets.values() if kind == NUMBER}
    assert not [name for name in names if name.endswith((".port", "id"))]


def test_a_table_that_guesses_leaves_names_of_single_things_alone():
    table = load_table("json")
    assert table.target("colour") == ("colour", GUESS)
    assert table.target("order_id") == ("order_id", TEXT)
    assert table.target("x" * 81) == ("x" * 81, TEXT)
    assert load_table("zeek").target("colour") == ("colour", TEXT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("entity: [a]\ntext: {a: []}\nnumbr: {b: []}", "nothing is called numbr"),
        ("entity: [a]\ntext: {a: [x], b: [x]}", "x stands there twice"),
        ("entity: [a]\ntext: {b: []}", "must name fields"),
        ("entity: []\ntext: {b: []}", "must name fields"),
        (f"entity: [a]\ntext: {{a: []}}\nnumber: {{{'n' * 81}: []}}", "longer than 80"),
        ("entity: [a]\nguess: true\ntext: {a: [User], b: [user]}", "user stands there twice"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(text, words, tmp_path, monkeypatch):
    (tmp_path / "odd.yaml").write_text(text)
    monkeypatch.setattr(tables, "HERE", tmp_path)
    with pytest.raises(BrokenTable, match=words):
        load_table("odd")
