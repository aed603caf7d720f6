import codecs

import pytest

from incidents.services.import_lines import FileUnreadable
from incidents.services.import_rows import BadRow, Row, read_rows

HEADER = b"text,category,sub_category\n"


@pytest.fixture
def rows(tmp_path):
    def read(content, group_column=""):
        file = tmp_path / "reports.csv"
        file.write_bytes(content)
        return list(read_rows(file, group_column))

    return read


def test_both_headers_are_known_in_any_order_and_other_columns_are_left_out(rows):
    assert rows(b"category,sub_category,crimeaditionalinfo\na,x,told\n") == [Row(2, "told", "a", "x")]
    assert rows(b"id, Sub_Category ,Text,Category\n7,x,told,a\n") == [Row(2, "told", "a", "x")]


def test_a_file_of_texts_alone_has_empty_labels(rows):
    assert rows(b"text\ntold\n") == [Row(2, "told")]


def test_a_byte_order_mark_line_breaks_in_cells_and_empty_lines_are_taken(rows):
    content = codecs.BOM_UTF8 + HEADER.replace(b"\n", b"\r\n") + b'"one\r\ntwo",a,x\r\n\r\n"three",b,y\r\n'
    assert rows(content) == [Row(2, "one\r\ntwo", "a", "x"), Row(5, "three", "b", "y")]


def test_the_group_column_names_the_document(rows):
    assert rows(b"text,Report\ntold,  A  paper \n", group_column="report") == [Row(2, "told", document="A paper")]


def test_a_row_with_too_many_or_too_few_cells_is_refused_by_its_line(rows):
    found = rows(HEADER + b"told,a\nmore, told,a,x\ngood,a,x\n")
    assert [type(row) for row in found] == [BadRow, BadRow, Row]
    assert [row.line for row in found] == [2, 3, 4]
    assert "2 cells where the header has 3" in found[0].reason


def test_a_quote_that_is_never_closed_costs_its_own_row_only(rows):
    found = rows(HEADER + b'before,a,x\n"never closed,a,x\nafter,a,x\n"quoted, too",b,y\nlast,a,x\n')
    assert [(row.line, type(row)) for row in found] == [(2, Row), (3, BadRow), (4, Row), (5, Row), (6, Row)]
    assert "quotes do not match" in found[1].reason


def test_a_quote_that_is_never_closed_before_very_many_rows_costs_its_own_row_only(rows):
    found = rows(HEADER + b'"never closed,a,x\n' + b"after,a,x\n" * 30_000)
    assert [row.line for row in found if isinstance(row, BadRow)] == [2]
    assert len(found) == 30_001


def test_a_byte_that_is_not_utf8_refuses_its_row_and_says_which(rows):
    found = rows(HEADER + "gut,a,x\nGebühr,a,x\ngut,a,ü\n".encode("latin-1"))
    assert [type(row) for row in found] == [Row, BadRow, BadRow]
    assert "byte 0xFC in its text is not UTF-8: save the file as UTF-8" in found[1].reason
    assert "in its sub_category" in found[2].reason


def test_a_wrongly_encoded_column_that_is_left_out_does_no_harm(rows):
    assert rows(b"text,note\ntold,\xfc\n") == [Row(2, "told")]


def test_a_document_name_that_does_not_fit_refuses_its_row(rows):
    (row,) = rows(b"text,paper\ntold," + b"x" * 301 + b"\n", group_column="paper")
    assert "document" in row.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        ("text\ntold\n".encode("utf-16"), "UTF-16: save it as UTF-8"),
        ("text\ntold\n".encode("utf-16-le"), "binary"),
        (b"PK\x03\x04 rest of a workbook", "spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        (b"somebody called me\nand again\n", "the first line must name the columns"),
        (b"text,sub_category\ntold,x\n", "none named category"),
        (b"text,text\na,b\n", "stands twice"),
        (b'"text\n', "line 1 is no header"),
        (b"text\n" + b"x" * 1_000_001, "line 2 has 1,000,000 characters or more"),
    ],
)
def test_what_is_no_table_of_reports_is_unreadable_and_says_what_to_do(rows, content, reason):
    with pytest.raises(FileUnreadable, match=reason):
        rows(content)


def test_a_group_column_that_is_not_there_is_named_with_those_that_are(rows):
    with pytest.raises(FileUnreadable, match="no column “paper”; the columns are: text, document"):
        rows(b"text,document\ntold,A\n", group_column="paper")


def test_an_error_about_the_header_never_repeats_what_may_be_a_report(rows):
    with pytest.raises(FileUnreadable) as caught:
        rows(b"my account number is 4711,a,x\n")
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_opened_says_so(tmp_path, name):
    with pytest.raises(FileUnreadable, match="cannot be opened"):
        next(read_rows(tmp_path / name))
