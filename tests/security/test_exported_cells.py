"""Every table that the site hands out, of a site full of texts that begin like formulas: none is one in a cell."""

import csv
import io

import pytest

from config.cells import BLANKS_AND_QUOTES, FORMULA, safe, unsafe
from incidents.roles import ADMIN
from tests.e2e.site_pages import DATA, NO_PAGE
from tests.e2e.site_world import make_people
from tests.security.hostile_world import ELEMENT, make_hostile_world
from tests.security.test_markup import address_of, client_of

pytestmark = pytest.mark.django_db
TABLES = {
    "export", "training-curve-csv", "doubts-csv", "next-labels-csv", "agreement-numbers", "dashboard-numbers",
    "events-export",
}  # fmt: skip


def is_formula(cell: str) -> bool:
    """As a spreadsheet may see it; a number is a number."""
    try:
        float(cell)
    except ValueError:
        return cell.startswith(FORMULA) or (cell.lstrip(BLANKS_AND_QUOTES).startswith(FORMULA) and cell[0] != "'")
    return False


def test_no_cell_of_any_table_begins_a_formula(caseloop_home):
    people = make_people()
    numbers = make_hostile_world(people)
    client, tables, hostile = client_of(people, ADMIN), set(), 0
    for name in NO_PAGE[DATA]:
        answer = client.get(address_of(name, numbers))
        assert answer.status_code < 500, name
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/csv"):
            tables.add(name)
            text = b"".join(answer).decode() if answer.streaming else answer.content.decode()
            assert answer["Content-Disposition"].startswith("attachment; filename="), name
            assert answer["X-Content-Type-Options"] == "nosniff", name
            cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
            assert [cell for cell in cells if is_formula(cell)] == [], name
            hostile += sum(ELEMENT in cell for cell in cells)
    assert tables >= TABLES, "a table is not there any more, or does not answer"
    assert hostile > 20, "the tables hold the hostile texts, else this proves nothing"


@pytest.mark.parametrize("text", ["=1+1", "'=1", "''=1", " =1", "\t@a", '"-1', "plain", "'plain", "－1", ""])
def test_what_was_made_safe_reads_back_as_it_was(text):
    assert unsafe(str(safe(text))) == text
