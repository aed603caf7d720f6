import csv
import io
import json
import resource

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import AuditEvent, Incident, Retraction
from incidents.services import exports, reviewing
from incidents.services.importing import ImportOptions, import_file
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_decided, make_incident, make_label, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db


def as_json(rows=None, by=None):
    made = exports.export(Incident.objects.all() if rows is None else rows, "jsonl", by=by)
    return [json.loads(line) for line in "".join(made).splitlines()]


def as_csv(rows=None):
    made = exports.export(Incident.objects.all() if rows is None else rows, "csv", by=None)
    return list(csv.DictReader(io.StringIO("".join(made), newline="")))


@pytest.fixture
def path():
    return make_path("Fraud", "Vishing")


@pytest.fixture
def decided(path):
    other = make_path("Attack", "Malware")
    incident = make_incident(document="case-7")
    make_prediction(incident, make_version(stage="champion"), [0.25, 0.75])
    analyst = make_user("ana", role="analyst")
    assert reviewing.claim(incident, analyst)
    reviewing.decide(incident, reviewer=analyst, verdict="correct", paths=[other], reason="Seen it.")
    incident.refresh_from_db()
    return incident


def test_a_line_holds_what_people_and_models_said(decided, path):
    (row,) = as_json()
    assert (row["number"], row["category"], row["sub_category"]) == (decided.pk, "Attack", "Malware")
    assert row["labels"] == ["Attack / Malware"]
    (verdict,) = row["verdicts"]
    assert (verdict["by"], verdict["verdict"], verdict["slot"], verdict["stands"]) == ("ana", "correct", "first", True)
    assert verdict["suggested"] == [path.key]
    prediction = row["prediction"]
    assert prediction["labels"] == [{"label": path.key, "probability": 0.75}]
    assert prediction["model"] == decided.current_model


def test_a_csv_row_holds_the_same(decided):
    (row,) = as_csv()
    assert (row["number"], row["verdict"], row["decided_by"]) == (str(decided.pk), "correct", "ana")
    assert (row["labels"], row["predicted_labels"]) == ("Attack / Malware", "Fraud / Vishing")
    assert (row["probabilities"], row["model"]) == ("0.75", decided.current_model)
    assert json.loads(row["verdicts"])[0]["reason"] == "Seen it."


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", " =1", "＝1"])
def test_no_cell_begins_a_formula(text):
    make_incident(title=text, text=f"{text} and so on")
    (row,) = as_csv()
    assert row["title"] == f"'{text}"
    assert row["text"].startswith("'")
    assert as_json()[0]["title"] == text


def test_the_csv_can_be_imported_again(tmp_path, decided, path):
    make_decided(path, text='- begins with a dash, and holds a\nline and a "quote"', title="=Title")
    make_incident(text="Nobody has decided this one yet.", title="Open")
    before = {row["text"]: row for row in as_json()}
    file = tmp_path / "reports.csv"
    file.write_text("".join(exports.export(Incident.objects.all(), "csv", by=None)), newline="")
    Incident.objects.update(current_label=None, current_text=None)
    Incident.objects.all().delete()
    result = import_file(file, ImportOptions(group_column="document"))
    assert (result.taken, result.refused, result.decided) == (3, 0, 2)
    after = {row["text"]: row for row in as_json()}
    for name in ("title", "text", "category", "sub_category", "document"):
        assert {text: row[name] for text, row in before.items()} == {text: row[name] for text, row in after.items()}


def test_undone_labels_are_left_out_and_all_that_stand_are_there(path):
    incident = make_decided(path)
    make_label(incident, make_user("bo", role="analyst"), [path], slot=2)
    undone = make_label(incident, paths=[path])
    Retraction.objects.create(label=undone, by=None)
    (row,) = as_json()
    assert [one["slot"] for one in row["verdicts"]] == ["first", "second"]


def test_what_the_audit_hides_is_not_exported(path):
    incident = make_incident(blind=True)
    make_prediction(incident, make_version())
    assert as_json()[0]["prediction"] is None


def test_the_number_of_queries_does_not_grow_with_the_reports(path):
    version = make_version()

    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            as_json()
        return len(queries)

    for _ in range(3):
        make_prediction(make_incident(), version)
    few = count()
    for _ in range(30):
        make_prediction(make_decided(path), version)
    assert count() <= few + 1  # the paths of labels, which none had before


def test_a_large_export_does_not_grow_in_memory(path):
    for _ in range(30):
        make_incident(text="x" * 20_000)
    pieces = exports.export(Incident.objects.all(), "csv", by=None)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in pieces:
        pass
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_what_is_filed_while_it_is_written_is_left_out(monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    for _ in range(2):
        make_incident()
    lines = iter(exports.export(Incident.objects.all(), "jsonl", by=None))
    next(lines)
    make_incident()
    assert len(list(lines)) == 1


def test_words_that_were_searched_for_are_not_noted():
    exports.record_export("csv", {"q": "Mrs Miller", "status": "all", "category": ""}, by=None)
    event = AuditEvent.objects.get(kind="incidents.exported")
    assert event.detail == {"format": "csv", "filters": {"status": "all"}, "searched": True, "personal_data": False}


def test_labels_are_told_as_they_read_today_and_with_the_version_they_were_given_in(decided, path):
    before = as_json()[0]["verdicts"][0]["taxonomy"]
    take(Wish("rename", "Attack / Malware", name="Malicious code"), by=None)
    take(Wish("merge", "Fraud / Vishing", into="Attack / Malicious code"), by=None)
    (row,) = as_json()
    assert (row["labels"], row["sub_category"]) == (["Attack / Malicious code"], "Malicious code")
    assert row["prediction"]["labels"] == [{"label": "Attack / Malicious code", "probability": 1.0}]
    assert (row["verdicts"][0]["suggested"], row["verdicts"][0]["taxonomy"]) == (["Attack / Malicious code"], before)


def test_a_file_that_left_before_a_step_comes_back_as_what_it_means_today(decided, path, tmp_path):
    file = tmp_path / "before.csv"
    file.write_text("".join(exports.export(Incident.objects.all(), "csv", by=None)), encoding="utf-8")
    take(Wish("merge", "Attack / Malware", into="Fraud / Vishing"), by=None)
    Incident.objects.all().update(current_label=None, current_text=None)
    Incident.objects.all().delete()
    assert import_file(file, ImportOptions()).taken == 1
    assert as_json()[0]["labels"] == ["Fraud / Vishing"]
