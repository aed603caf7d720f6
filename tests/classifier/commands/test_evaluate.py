"""`manage.py evaluate --file TEST.csv`"""

import pytest

from tests.classifier.commands.conftest import run

VISHING = "caller bank code otp phone"
MALWARE = "virus file infected laptop antivirus"


@pytest.fixture
def file(tmp_path):
    def write(text: str, encoding: str = "utf-8"):
        path = tmp_path / "test.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_figures_are_those_of_exact_strings(champion, file):
    path = file(
        f"text,category,sub_category\n{VISHING},Fraud,Vishing\n{MALWARE},Attack,Malware\n"
        f"{VISHING},Fraud,Phishing\n{MALWARE},Other,Malware\n"
    )
    told = run("evaluate", "--file", path, "--json").json
    assert told["category"]["accuracy"] == 0.75
    assert told["sub_category"]["accuracy"] == 0.75
    assert told["both"]["accuracy"] == 0.5
    # Attack 2/3, Fraud 1, Other 0
    assert told["category"]["macro_f1"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert (told["n"], told["model"], told["refused"], told["unlabelled"]) == (4, champion.name, 0, 0)
    assert told["seconds"] > 0
    assert told["reports_per_second"] > 0
    assert 0 <= told["ece"] <= 1


def test_the_references_header_is_read_too(champion, file):
    path = file(f"\ufeffcategory,sub_category,crimeaditionalinfo\r\nFraud,Vishing,{VISHING}\r\n")
    assert run("evaluate", "--file", path, "--json").json["both"]["accuracy"] == 1.0


def test_joined_labels_are_one_class_in_any_order(champion, file):
    figures = [
        run("evaluate", "--file", file(f"text,category,sub_category\n{VISHING},{cell},\n"), "--json").json
        for cell in ("Fraud or Attack", "Attack or Fraud")
    ]
    assert figures[0]["category"] == figures[1]["category"] == {"accuracy": 0.0, "macro_f1": 0.0}


def test_labels_that_nobody_knows_are_wrong_and_no_crash(champion, file):
    path = file(f"text,category,sub_category\n{VISHING},Témoin,未知\n{VISHING},Fraud,Vishing\n")
    assert run("evaluate", "--file", path, "--json").json["both"]["accuracy"] == 0.5


def test_rows_without_a_label_or_that_cannot_be_read_are_told_and_left_out(champion, file):
    path = file(f"text,category,sub_category\n{VISHING},Fraud,Vishing\n{VISHING},,nan\nonly one cell\n")
    ran = run("evaluate", "--file", path, "--json")
    assert (ran.json["n"], ran.json["refused"], ran.json["unlabelled"]) == (1, 1, 1)
    assert "line 4" in ran.err


def test_long_and_empty_texts_count_like_any_other_row(champion, file):
    path = file(f"text,category,sub_category\n{VISHING * 3000},Fraud,Vishing\n,Fraud,Vishing\n")
    assert run("evaluate", "--file", path, "--json").json["n"] == 2


def test_a_file_that_cannot_be_used_fails_with_a_sentence(champion, file):
    no_use = {"": "empty", "a,b\n1,2\n": "text", "text,category,sub_category\n": "no row", "text\nhello\n": "no row"}
    for text, words in no_use.items():
        ran = run("evaluate", "--file", file(text), "--json")
        assert ran.code == 1
        assert words in ran.json["error"]


def test_utf_16_is_told_what_to_do(champion, file):
    ran = run("evaluate", "--file", file("text,category\nx,y\n", "utf-16"))
    assert (ran.code, "UTF-8" in ran.err) == (1, True)


def test_a_missing_file_is_a_failure(champion, tmp_path):
    ran = run("evaluate", "--file", tmp_path / "none.csv")
    assert (ran.code, "none.csv" in ran.err) == (1, True)


def test_an_unknown_model_is_named_together_with_the_known_ones(champion, file):
    ran = run("evaluate", "--file", file("text\n"), "--model", "nope")
    assert (ran.code, champion.name in ran.err) == (2, True)


def test_without_a_champion_it_is_refused_and_says_what_to_do(db, file):
    ran = run("evaluate", "--file", file("text\n"))
    assert (ran.code, "manage.py train" in ran.err) == (3, True)


def test_a_person_is_told_the_same_figures(champion, file):
    ran = run("evaluate", "--file", file(f"text,category,sub_category\n{VISHING},Fraud,Vishing\n"))
    assert "accuracy 1.0000" in ran.out
