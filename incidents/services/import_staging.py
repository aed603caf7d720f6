"""Where an import keeps its rows between learning what labels mean and filing reports.

A private temporary SQLite database: it has no name on the disk, holds 100,000 reports without filling memory, and is
gone with the process, however that ends.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from incidents.services.import_rows import BadRow, Row

AT_ONCE = 1000  # rows written together
_SCHEMA = """
CREATE TABLE text (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE row (line INTEGER PRIMARY KEY, hash TEXT NOT NULL, cells INTEGER NOT NULL, document TEXT NOT NULL,
                  title TEXT NOT NULL);
CREATE TABLE refused (line INTEGER PRIMARY KEY, reason TEXT NOT NULL);
CREATE INDEX row_by_hash ON row (hash);
CREATE INDEX row_by_cells ON row (cells);
"""


@dataclass(frozen=True, slots=True)
class LabelCells:
    """One combination of label cells that occurs in the file."""

    id: int
    category: str
    sub_category: str


@dataclass(frozen=True, slots=True)
class StagedReport:
    """One distinct text: its first line, document and title there, how many rows hold it, and all their cells."""

    hash: str
    text: str
    line: int
    document: str
    title: str
    rows: int
    cells: tuple[int, ...]


class Staging:
    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(f"PRAGMA journal_mode=OFF; {_SCHEMA} BEGIN;")
        self._cells: dict[tuple[str, str], int] = {}  # far fewer than rows
        self._texts: list[tuple[str, str]] = []
        self._rows: list[tuple[int, str, int, str, str]] = []

    def __enter__(self) -> "Staging":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, row: Row, text_hash: str) -> None:
        """Keep a row whose cells are clean. `flush` once all are added."""
        self._texts.append((text_hash, row.text))
        cells = self._cells_id(row.category, row.sub_category)
        self._rows.append((row.line, text_hash, cells, row.document, row.title))
        if len(self._rows) == AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._db.executemany("INSERT OR IGNORE INTO text VALUES (?, ?)", self._texts)
        self._db.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?)", self._rows)
        self._texts, self._rows = [], []

    def refuse(self, row: BadRow) -> None:
        self._db.execute("INSERT INTO refused VALUES (?, ?)", (row.line, row.reason))

    def refuse_cells(self, cells: LabelCells, reason: str) -> None:
        """Refuse every row with these label cells."""
        self._db.execute("INSERT INTO refused SELECT line, ? FROM row WHERE cells = ?", (reason, cells.id))
        self._db.execute("DELETE FROM row WHERE cells = ?", (cells.id,))

    def label_cells(self) -> list[LabelCells]:
        """The distinct combinations of label cells, in the order of the file."""
        return [LabelCells(key, *cells) for cells, key in self._cells.items()]

    def reports(self) -> Iterator[StagedReport]:
        """The distinct texts of rows that were not refused, in the order of the file."""
        # SQLite takes bare columns beside min() from the row that holds the minimum (its manual, "Bare columns").
        query = """
            SELECT hash, (SELECT text FROM text WHERE text.hash = row.hash), min(line) AS first, document, title,
                   count(*), group_concat(DISTINCT cells)
            FROM row GROUP BY hash ORDER BY first"""
        for text_hash, text, line, document, title, rows, cells in self._db.execute(query):
            yield StagedReport(text_hash, text, line, document, title, rows, tuple(map(int, cells.split(","))))

    def count_reports(self) -> int:
        count: int = self._db.execute("SELECT count(DISTINCT hash) FROM row").fetchone()[0]
        return count

    def refusals(self) -> Iterator[BadRow]:
        """Refused rows in the order of the file."""
        for line, reason in self._db.execute("SELECT line, reason FROM refused ORDER BY line"):
            yield BadRow(line, reason)

    def count_refused(self) -> int:
        count: int = self._db.execute("SELECT count(*) FROM refused").fetchone()[0]
        return count

    def _cells_id(self, category: str, sub_category: str) -> int:
        return self._cells.setdefault((category, sub_category), len(self._cells))
