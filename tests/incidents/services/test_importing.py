import csv
import io

import pytest
from django.db import connection

from classifier.ml.taxonomy import LabelPath, category_text, sub_category_text
from incidents.models import AuditEvent, Category, ImportBatch, Incident, Label, Path, TaxonomyVersion, TextBand
from incidents.services import filing_many, importing, splits
from incidents.services.importing import ImportOptions, import_file
from incidents.services.taxonomy_looks import left
from incidents.services.taxonomy_steps import take
from incidents.sketch import sketches
from incidents.taxonomy_plan import Wish
from tests.builders import make_path
from workers.models import Job

pytestmark = pytest.mark.django_db
CREATE = ImportOptions(create_labels=True)
SIM_SWAP = "Card Fraud or SIM Swap Fraud"


@pytest.fixture
def file(tmp_path):
    def write(*rows, header=("text", "category", "sub_category")):
        path = tmp_path / "reports.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return path

    return write


def counts(result):
    return result.taken, result.merged, result.refused, result.unchanged


def labels_of(text):
    incident = Incident.objects.get(current_text__text=text)
    paths = incident.current_label.paths.with_names()
    return sorted(path.key for path in paths)


def test_labelled_rows_are_decided_from_the_start_and_need_no_classification(file):
    result = import_file(file(("my money is gone", "Fraud", "UPI")), CREATE)
    assert counts(result) == (1, 0, 0, 0)
    incident = Incident.objects.get()
    assert (incident.status, incident.source, incident.text) == ("decided", "import", "my money is gone")
    label = incident.current_label
    assert (label.source, label.verdict, label.text_revision) == ("import", "correct", incident.current_text)
    assert label.taxonomy_version == TaxonomyVersion.objects.get()
    assert incident.decided_at == label.created_at
    assert not Job.objects.filter(kind="classify").exists()


def test_rows_without_labels_wait_for_classification(file):
    result = import_file(file(("my money is gone", "", "nan")))
    assert (result.taken, result.undecided) == (1, 1)
    incident = Incident.objects.get()
    assert (incident.status, incident.current_label) == ("new", None)
    job = Job.objects.get(kind="classify")
    assert (job.kind, job.object_id, job.queue, job.priority) == ("classify", incident.pk, "inference", 2)


def test_identical_texts_far_apart_become_one_report_with_all_their_labels(file, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    others = [(f"report number {number}", "Fraud", "UPI") for number in range(5)]
    rows = [(" my money\r\nis gone ", "Fraud", "UPI"), *others, ("my money\nis gone", "Attack", "Malware")]
    assert counts(import_file(file(*rows), CREATE)) == (6, 1, 0, 0)
    assert labels_of("my money\nis gone") == ["Attack / Malware", "Fraud / UPI"]


def test_a_labelled_and_an_unlabelled_row_of_one_text_make_one_decided_report(file):
    assert counts(import_file(file(("told", "", ""), ("told", "Fraud", "UPI")), CREATE)) == (1, 1, 0, 0)
    assert labels_of("told") == ["Fraud / UPI"]


def test_a_refused_row_does_not_take_the_other_rows_of_its_text_along(file):
    make_path("Fraud", "UPI")
    assert counts(import_file(file(("told", "Fraud", "Unheard"), ("told", "Fraud", "UPI")))) == (1, 0, 1, 0)
    assert labels_of("told") == ["Fraud / UPI"]


def test_a_row_with_several_labels_takes_them_from_rows_anywhere_in_the_file(file):
    rows = [("both", "a or b or c", "X or Y"), ("one", "a or b", "X"), ("two", "c", "Y")]
    assert counts(import_file(file(*rows), CREATE)) == (3, 0, 0, 0)
    assert labels_of("both") == ["a or b / X", "c / Y"]


def test_what_stays_ambiguous_is_refused_with_its_line_and_the_rest_is_taken(file):
    rows = [("one", "a", "X"), ("two", "b", "Y"), ("three", "a or b or c", "X or Y"), ("four", "b", "X or Y")]
    result = import_file(file(*rows), CREATE)
    assert counts(result) == (2, 0, 2, 0)
    assert [row.line for row in result.refusals] == [4, 5]
    assert not Category.objects.filter(name="c").exists()


def test_labels_that_the_taxonomy_lacks_are_refused_unless_they_shall_be_created(file):
    make_path("Fraud", "UPI")
    rows = file(("one", "Fraud", "UPI"), ("two", "Fraud", "New"), ("three", "New", ""))
    result = import_file(rows)
    assert counts(result) == (1, 0, 2, 0)
    assert "“New”" in result.refusals[0].reason
    assert Path.objects.count() == 1
    assert counts(import_file(rows, CREATE)) == (2, 0, 0, 1)
    assert labels_of("three") == ["New"]


def test_a_label_that_holds_or_is_known_from_the_taxonomy(file):
    make_path("Fraud", SIM_SWAP)
    make_path("Fraud", "UPI")
    assert import_file(file(("one", "Fraud", SIM_SWAP), ("two", "Fraud", f"UPI or {SIM_SWAP}"))).taken == 2
    assert labels_of("two") == [f"Fraud / {SIM_SWAP}", "Fraud / UPI"]


def test_a_new_label_that_holds_or_is_named_by_hand(file):
    rows = file(("one", "Fraud", SIM_SWAP))
    assert import_file(rows, CREATE).refused == 1
    assert import_file(rows, ImportOptions(create_labels=True, label_names=[SIM_SWAP])).taken == 1
    assert labels_of("one") == [f"Fraud / {SIM_SWAP}"]


def test_the_same_file_twice_changes_nothing(file):
    rows = file(("one", "a", "X"), ("two", "", ""), ("one", "b", "X"), ("three", "a or b", "X"), ("", "a", "X"))
    assert counts(import_file(rows, CREATE)) == (3, 1, 1, 0)
    tables = (Incident, Label, Path, TaxonomyVersion, TextBand, Job, AuditEvent)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    assert counts(import_file(rows, CREATE)) == (0, 0, 1, 4)
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before


def test_labels_of_a_report_that_is_there_are_kept_and_the_difference_is_told(file):
    import_file(file(("one", "a", "X"), ("two", "", "")), CREATE)
    result = import_file(file(("new", "a", "X"), ("one", "b", "Y"), ("two", "b", "Y")), CREATE)
    assert counts(result) == (1, 0, 0, 2)
    assert (result.conflicts, result.conflict_lines) == (2, (3, 4))
    assert labels_of("one") == ["a / X"]


def test_a_crash_leaves_whole_chunks_and_the_same_command_completes_them(file, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    rows = file(*[(f"report number {number}", "a", "X") for number in range(5)])
    really, calls = filing_many._insert_labels, []

    def fail_at_the_second(labelled, source):
        really(labelled, source)
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(filing_many, "_insert_labels", fail_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        import_file(rows, CREATE)
    assert Incident.objects.count() == Label.objects.count() == 2
    monkeypatch.setattr(filing_many, "_insert_labels", really)
    assert counts(import_file(rows, CREATE)) == (3, 0, 0, 2)
    assert Incident.objects.filter(current_label=None).count() == 0


@pytest.mark.parametrize(
    ("text", "reason"), [("", "empty"), ("nan", "empty"), ("x" * 20_001, "20,000"), ("a\0b", "binary")]
)
def test_a_text_that_no_report_may_have_is_refused_with_its_line(file, text, reason):
    result = import_file(file(("good", "a", "X"), (text, "a", "X")), CREATE)
    assert counts(result) == (1, 0, 1, 0)
    (refusal,) = result.refusals
    assert refusal.line == 3
    assert reason in refusal.reason


def test_every_refused_line_is_written_where_it_was_asked_for(file):
    refused_to = io.StringIO()
    rows = file(*[(f"report {number}", "No such", "") for number in range(30)])
    result = import_file(rows, ImportOptions(refused_to=refused_to))
    assert (result.refused, len(result.refusals)) == (30, 20)
    written = list(csv.DictReader(io.StringIO(refused_to.getvalue())))
    assert [int(row["line"]) for row in written] == list(range(2, 32))


def test_rows_of_one_document_stand_on_one_side_of_every_split(file):
    rows = [(f"report number {n} of something else: {n * 7919}", "a", "X", f"paper {n % 9}") for n in range(90)]
    path = file(*rows, header=("text", "category", "sub_category", "document"))
    import_file(path, ImportOptions(create_labels=True, group_column="document"))
    sides = set(Incident.objects.values_list("document", "split"))
    assert len(sides) == 9
    assert len({split for _, split in sides}) > 1


def test_an_import_is_audited_with_its_counts_and_without_texts(file):
    import_file(file(("my secret", "a", "X")), CREATE)
    event = AuditEvent.objects.get(kind="incidents.imported")
    assert (event.subject, event.detail["taken"]) == (f"import {ImportBatch.objects.get().pk}", 1)
    assert "secret" not in str(event.detail)


def test_output_of_every_label_is_sorted_and_joined_as_the_file_had_it(file):
    rows = [("1", "a", "X"), ("2", "b", "X"), ("3", "a or b", "X"), ("4", "c or d", "Y"), ("5", "e", "")]
    rows.append(("6", "a or c or d or e", "X or Y"))
    import_file(file(*rows), CREATE)
    for text, category, sub_category in rows:
        paths = Incident.objects.get(current_text__text=text).current_label.paths.all()
        found = [LabelPath.of(path.category_names, path.sub_category_name) for path in paths]
        assert (category_text(found), sub_category_text(found)) == (category, sub_category)


def test_what_takes_its_time_is_done_before_others_are_kept_from_writing(transactional_db, file, monkeypatch):
    inside = []

    def watched(texts):
        inside.append(connection.in_atomic_block)
        return sketches(texts)

    monkeypatch.setattr(splits, "sketches", watched)
    assert import_file(file(("one", "", ""), ("two", "", ""))).taken == 2
    assert inside == [False]


def test_reports_name_the_import_that_brought_them(file):
    import_file(file(("one", "a", "X"), ("two", "a", "X")), CREATE)
    import_file(file(("one", "a", "X"), ("three", "a", "X")), CREATE)
    first, second = ImportBatch.objects.order_by("pk")
    assert (first.name, first.incidents.count(), second.incidents.get().text) == ("reports.csv", 2, "three")


def test_an_import_that_takes_nothing_leaves_no_trace(file):
    rows = file(("one", "a", "X"))
    import_file(rows, CREATE)
    import_file(rows, CREATE)
    assert ImportBatch.objects.count() == 1


def step(kind, label="", **more):
    return take(Wish(kind, label, **more), by=None)


def test_a_file_of_before_is_read_in_the_labels_of_today(file):
    import_file(file(("first", "Fraud", "UPI"), ("second", "Fraud", "Cards"), ("third", "Attack", "Malware")), CREATE)
    step("rename", category="Fraud", name="Deceit")
    step("merge", "Deceit / Cards", into="Deceit / UPI")
    step("move", "Attack / Malware", categories=("Deceit",))
    step("rename", "Deceit / UPI", name="Payments")
    rows = [("a", "Fraud", "UPI"), ("b", "Fraud", "Cards"), ("c", "Attack", "Malware"), ("d", "Deceit", "Payments")]
    assert counts(import_file(file(*rows))) == (4, 0, 0, 0)
    assert labels_of("a") == labels_of("b") == labels_of("d") == ["Deceit / Payments"]
    assert labels_of("c") == ["Deceit / Malware"]
    assert counts(import_file(file(("e", "Fraud", "UPI")), CREATE)) == (1, 0, 0, 0)
    again = import_file(file(("second", "Fraud", "Cards"), ("third", "Attack", "Malware")))
    assert (again.unchanged, again.conflicts) == (2, 0)
    assert Path.objects.live().count() == 2


def test_a_row_with_a_retired_label_is_refused_with_the_reason(file):
    import_file(file(("first", "Fraud", "UPI"), ("second", "Fraud", "Cards")), CREATE)
    step("retire", "Fraud / Cards")
    result = import_file(file(("third", "Fraud", "Cards"), ("fourth", "Fraud", "UPI")), CREATE)
    assert counts(result) == (1, 0, 1, 0)
    assert "the label “Fraud / Cards” was retired: give the row another one" in str(result.refusals)


def test_a_row_with_a_label_that_was_split_waits_to_be_told_apart(file):
    import_file(file(("first", "Fraud", "UPI"), ("second", "Fraud", "Cards")), CREATE)
    taken = step("split", "Fraud / Cards", names=("Stolen cards", "Skimming"))
    import_file(file(("third", "Fraud", "Cards")))
    assert labels_of("third") == ["Fraud / Cards"]
    assert left(taken) == 2
