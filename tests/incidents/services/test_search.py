"""Finding reports by words."""

import pytest
from django.db import connection

from incidents.models import Comment, Incident, SearchDocument
from incidents.services import reviewing, search, undoing
from incidents.services.filing import FiledReport, file_incident
from incidents.services.filing_many import KnownReport, file_many
from incidents.services.search import found, index_reports
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version
from tests.incidents.desk import work_off

pytestmark = pytest.mark.django_db


def make_indexed(text: str, **overrides: object) -> Incident:
    incident = make_incident(text=text, **overrides)
    index_reports([incident.pk])
    return incident


def hits(words: str) -> list[int]:
    return sorted(found(Incident.objects.all(), words).values_list("pk", flat=True))


def test_all_words_must_be_there_in_any_order_and_case() -> None:
    one, other = make_indexed("They sold my Kettle on a market"), make_indexed("A kettle in the kitchen")
    assert hits("KETTLE") == [one.pk, other.pk]
    assert hits("market kettle") == [one.pk]
    assert hits("kettle garage") == []


def test_the_last_word_may_be_a_beginning_and_only_from_three_letters_on() -> None:
    report = make_indexed("somebody read my passwords")
    assert hits("my pass") == [report.pk]
    assert hits("pass my") == []
    assert hits("pa") == []
    assert hits('"pass"') == []


def test_words_in_quotes_stand_side_by_side() -> None:
    report = make_indexed("a one-time code was asked for")
    make_indexed("one more time, a code")
    assert hits('"one time code"') == [report.pk]
    assert hits("one-time") == [report.pk]
    assert hits('"one time') == [report.pk]


def test_a_minus_leaves_reports_out() -> None:
    one, other = make_indexed("kettle and pot"), make_indexed("kettle and pan")
    assert hits("kettle -pot") == [other.pk]
    assert hits("-pot") == [other.pk]
    assert hits('kettle -"and pan"') == [one.pk]


def test_a_number_finds_the_report_itself_and_those_that_name_it() -> None:
    report = make_indexed("nothing of note")
    other = make_indexed(f"see {report.pk} as well")
    assert hits(f"#{report.pk}") == hits(f"{report.pk}") == [report.pk, other.pk]


def test_the_title_comments_and_labels_are_found() -> None:
    path = make_path("Extortion", "Sextortion")
    make_path("Hacking")
    report = make_indexed("text", title="Photographs")
    assert hits("photographs") == [report.pk]
    Comment.objects.create(incident=report, author=make_user(role="analyst"), text="looks like **Lockbit**")
    make_prediction(report, make_version(stage="champion"), [0.9, 0.1])
    index_reports([report.pk])
    assert hits("lockbit photographs extortion sextortion") == [report.pk]
    analyst = make_user(role="analyst")
    assert reviewing.claim(report, analyst)
    reviewing.decide(report, reviewer=analyst, verdict="correct", paths=[make_path("Hacking")])
    work_off()
    assert (hits("extortion"), hits("hacking")) == ([], [report.pk])
    assert path.pk
    undoing.undo(analyst)
    assert (hits("extortion"), hits("hacking")) == ([report.pk], [])


def test_what_the_model_says_of_a_blind_report_finds_it_only_once_decided() -> None:
    make_path("Extortion")
    report = make_incident(blind=True)
    make_prediction(report, make_version(stage="champion"), [0.9])
    index_reports([report.pk])
    assert hits("extortion") == []


def test_filing_makes_a_report_found() -> None:
    filed = file_incident(FiledReport(title="Stolen wallet", text="My purse is gone"), source="web").incident
    assert hits("wallet purse") == [filed.pk]


def test_reports_filed_by_the_thousand_are_found_by_text_and_label() -> None:
    path = make_path("Extortion", "Sextortion")
    reports = [KnownReport("k1", "a purse", path_ids=(path.pk,)), KnownReport("k2", "a wallet", title="Lost")]
    file_many(reports, source=Incident.Source.IMPORT)
    first, second = Incident.objects.order_by("pk")
    assert hits("sextortion extortion purse") == [first.pk]
    assert hits("lost wallet") == [second.pk]
    written = list(SearchDocument.objects.order_by("pk").values_list("words", flat=True))
    index_reports([first.pk, second.pk])
    assert {*" ".join(written).split()} == {*" ".join(SearchDocument.objects.values_list("words", flat=True)).split()}


def test_a_changed_or_removed_report_is_found_by_its_old_words_no_more() -> None:
    report = make_indexed("a purse")
    SearchDocument.objects.filter(pk=report.pk).update(words="a wallet")
    assert (hits("purse"), hits("wallet")) == ([], [report.pk])
    Incident.objects.update(current_text=None)
    report.delete()
    assert hits("wallet") == []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO incidents_searchindex (incidents_searchindex) VALUES ('integrity-check')")


@pytest.mark.parametrize(
    "words",
    [
        *('"', "'", "\\", "%", "*", "a*", "NEAR(a b)", "a AND", "OR", "NOT a", "a:b", "^a", "words:a", "(", "-", '--"'),
        *("a\x00b", "|", "&", "!", "<->", "😀", "x" * 5000, "-a " * 60, "ä" * 300, '-"-"'),
        "'; DROP TABLE incidents_searchdocument; --",
    ],
)
def test_whatever_is_typed_is_an_answerable_question(words: str) -> None:
    make_indexed("some words")
    assert isinstance(hits(words), list)


def test_very_frequent_words_find_the_newest_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    reports = [make_indexed("kettle") for _ in range(4)]
    assert hits("kettle") == [reports[2].pk, reports[3].pk]
    assert hits("kettle -pot") == [reports[2].pk, reports[3].pk]
    assert hits("-pot") == [reports[2].pk, reports[3].pk]
