"""`manage.py classify --file IN|- --output OUT|-`"""

import csv
import json
import threading

import pytest

from incidents.models import Setting
from tests.classifier.commands.conftest import run

VISHING = "caller bank code otp phone"
ADDED = ["category", "sub_category", "confidence", "decision", "model"]


@pytest.fixture
def classify(champion, tmp_path):
    """Classifies the text of a file; gives how it ran, and the output file."""

    def classify(content: str | bytes, name: str = "in.csv"):
        given, out = tmp_path / name, tmp_path / "out"
        given.write_bytes(content if isinstance(content, bytes) else content.encode())
        return run("classify", "--file", given, "--output", out), out

    return classify


def table(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_csv_keeps_its_columns_and_rows_and_gets_the_answers(classify, champion):
    ran, out = classify(f'\ufeffid,text,note\n1,"{VISHING}","a, ""b""\nc"\n2,{VISHING},\n')
    assert ran.code == 0
    first, second = table(out)
    assert list(first) == ["id", "text", "note", *ADDED]
    assert (first["id"], first["note"]) == ("1", 'a, "b"\nc')
    assert (first["category"], first["sub_category"], first["model"]) == ("Fraud", "Vishing", champion.name)
    assert first["decision"] in {"auto", "category", "unsure"}
    assert second["confidence"] == first["confidence"]


def test_below_the_admins_threshold_an_answer_is_unsure(classify):
    Setting.objects.create(key="error_cost", value=100.0)
    assert table(classify("text\nsomething else happened\n")[1])[0]["decision"] == "unsure"
    Setting.objects.create(key="error_cost", value=1.0)
    assert table(classify("text\nsomething else happened\n")[1])[0]["decision"] == "auto"


def test_a_column_that_is_there_already_is_kept_and_the_answer_stands_beside_it(classify):
    ran, out = classify(f"category,sub_category,crimeaditionalinfo\nTrue,Label,{VISHING}\n")
    (row,) = table(out)
    assert (row["category"], row["category_predicted"]) == ("True", "Fraud")
    assert (row["sub_category"], row["sub_category_predicted"]) == ("Label", "Vishing")
    assert "category_predicted" in ran.err


def test_an_answered_file_can_be_answered_again(classify):
    _, out = classify(f"text\n{VISHING}\n")
    ran, out = classify(out.read_bytes())
    assert ran.code == 0
    assert table(out)[0]["category_predicted"] == "Fraud"


def test_texts_that_are_not_taken_keep_their_row_and_are_told_by_line(classify):
    ran, out = classify(f"text,id\n,1\n{VISHING},2\n{'x' * 20_001},3\n")
    assert ran.code == 1
    assert [(row["id"], row["decision"]) for row in table(out)][0::2] == [("1", "error"), ("3", "error")]
    assert table(out)[1]["category"] == "Fraud"
    assert "line 2" in ran.err
    assert "line 4" in ran.err


NO_TABLES = [
    (b"", "empty"),
    (b"a,b\n1,2\n", "none of"),
    (b"text,id\nhello,1\nhello,1,2\n", "line 3"),
    (b"text,id\nhello\n", "line 2"),
    (b'text\n"never closed\n', "line 2"),
    (b"text\n" + b'"' + b"x" * 200_000 + b'"\n', "line 2"),
    ("text\nhello\n".encode("utf-16"), "UTF-8"),
    (b"PK\x03\x04zip", "spreadsheet"),
    (b"text\n" + b"x" * 1_100_000, "1,000,000"),
]


def test_a_file_that_is_no_table_fails_and_leaves_nothing_behind(classify, tmp_path):
    for content, words in NO_TABLES:
        ran, _ = classify(content)
        assert ran.code == 1
        assert words in ran.err
        assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []


def test_what_was_there_stays_when_the_command_fails(classify, tmp_path):
    (tmp_path / "out").write_text("precious")
    classify(b"text\nhello,1\n")
    assert (tmp_path / "out").read_text() == "precious"


def test_a_file_may_be_its_own_output(champion, tmp_path):
    path = tmp_path / "both.csv"
    path.write_text(f"text\n{VISHING}\n")
    assert run("classify", "--file", path, "--output", path).code == 0
    assert table(path)[0]["category"] == "Fraud"


def test_an_output_that_cannot_be_written_is_a_failure(champion, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(f"text\n{VISHING}\n")
    ran = run("classify", "--file", path, "--output", tmp_path / "no" / "folder.csv")
    assert (ran.code, "cannot be written" in ran.err) == (1, True)


def test_json_lines_are_answered_in_order_and_a_broken_one_only_on_its_own_line(classify, champion):
    lines = [
        json.dumps({"id": "a", "text": VISHING, "title": "Call"}),
        "{broken",
        "",
        json.dumps({"text": "  "}),
        json.dumps({"text": 5}),
        "[1]",
        "9" * 5000,
        "[" * 100_000,
        '{"text": "half \\ud800 pair"}',
        '{"text": "' + "x" * 1_100_000 + '"}',
        json.dumps({"text": VISHING, "id": 7}),
    ]
    ran, out = classify("\n" + "\n".join(lines), "in.ndjson")
    replies = [json.loads(line) for line in out.read_text().splitlines()]
    assert ran.code == 1
    assert len(replies) == len(lines) - 1
    first, *broken, last = replies
    assert all(list(reply) == ["error"] for reply in broken)
    assert list(last) == ["id", *ADDED]
    assert (first["id"], last["id"], last["category"], last["model"]) == ("a", 7, "Fraud", champion.name)


def test_bytes_that_are_no_utf_8_break_one_line_only(classify):
    _, out = classify(b'{"text": "hello"}\n{"text": "\xff\xfe"}\n{"text": "hello"}\n')
    assert ["error" in json.loads(line) for line in out.read_text().splitlines()] == [False, True, False]


def test_one_answer_comes_at_once_while_stdin_stays_open(start, champion):
    process = start("classify", "--file", "-", "--output", "-")
    watchdog = threading.Timer(90, process.kill)
    watchdog.start()
    for number in range(3):
        process.stdin.write(json.dumps({"text": VISHING, "id": number}) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == number
    watchdog.cancel()
    out, err = process.communicate(timeout=60)
    assert (out, process.returncode) == ("", 0), err


def test_a_table_goes_through_a_pipe_and_chatter_does_not(start, champion):
    out, err = (process := start("classify", "--file", "-", "--output", "-")).communicate(
        f"text,category\n{VISHING},x\n", timeout=90
    )
    assert process.returncode == 0, err
    assert out.splitlines()[0] == "text,category,category_predicted,sub_category,confidence,decision,model"
    assert len(out.splitlines()) == 2
    assert "category_predicted" in err


def test_missing_arguments_are_usage_errors_of_a_real_process(start):
    process = start("classify", "--file", "-")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--output" in err


def test_an_unknown_model_and_a_missing_file_are_told(champion, tmp_path):
    ran = run("classify", "--file", tmp_path / "none", "--output", tmp_path / "out")
    assert (ran.code, "cannot be opened" in ran.err) == (1, True)
    ran = run("classify", "--file", tmp_path / "none", "--output", tmp_path / "out", "--model", "nope")
    assert (ran.code, champion.name in ran.err) == (2, True)


def test_an_artefact_that_is_gone_is_a_failure_with_a_sentence(champion, home, tmp_path):
    from classifier import registry

    registry._loaded.clear()
    (home / "models" / champion.folder / "manifest.json").unlink()
    (tmp_path / "in.csv").write_text("text\nhello\n")
    ran = run("classify", "--file", tmp_path / "in.csv", "--output", tmp_path / "out")
    assert ran.code == 1
    assert "Traceback" not in ran.err


def test_with_json_one_line_tells_how_many_were_answered(champion, tmp_path):
    for name, content in {"in.csv": f'text\n{VISHING}\n""\n', "in.ndjson": '{"text": "hello"}\n{}\n'}.items():
        (tmp_path / name).write_text(content)
        ran = run("classify", "--file", tmp_path / name, "--output", tmp_path / "out", "--json")
        assert (ran.code, ran.json) == (1, {"reports": 2, "errors": 1, "model": champion.name})


def test_json_and_the_answers_do_not_share_stdout(champion, tmp_path):
    ran = run("classify", "--file", tmp_path / "in.csv", "--output", "-", "--json")
    assert (ran.code, "--output FILE" in ran.json["error"]) == (2, True)
